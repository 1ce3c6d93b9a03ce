package io.tritmill.jobs.evaluate;

import io.tritmill.jobs.data.Protocol;
import java.util.Optional;

/**
 * How well a model predicts an evaluation set, with what a reader needs to repeat it.
 *
 * @param perplexity exp(nllMean)
 * @param nllMean mean negative log-likelihood in nats, averaged as the protocol says
 * @param tokens predicted tokens
 * @param sequences sequences
 * @param documents documents that were read
 * @param protocol how sequences were cut and averaged
 * @param sequenceLength tokens of a sequence at most
 * @param datasetFingerprint what names the data
 * @param baseline the same for the model that this one is held against, if there is one
 */
public record EvaluationResult(
    double perplexity,
    double nllMean,
    long tokens,
    int sequences,
    long documents,
    Protocol protocol,
    int sequenceLength,
    String datasetFingerprint,
    Optional<AgainstBaseline> baseline) {

  /**
   * A model beside its baseline, on the same sequences.
   *
   * @param perplexity the baseline's
   * @param perplexityRatio the model's over the baseline's
   * @param klDivergence mean over predicted tokens of KL(baseline || model), in nats
   */
  public record AgainstBaseline(double perplexity, double perplexityRatio, double klDivergence) {}
}
