package io.tritmill.jobs.evaluate;

import java.io.Serializable;

/**
 * What one sequence costs.
 *
 * @param predicted tokens that were predicted
 * @param nll sum over them of the model's negative log-likelihood, in nats
 * @param baselineNll the same of the baseline; 0 without one
 * @param divergence sum over them of KL(baseline || model), in nats; 0 without a baseline
 */
record SequenceLoss(int predicted, double nll, double baselineNll, double divergence)
    implements Serializable {
  private static final long serialVersionUID = 1L;
}
