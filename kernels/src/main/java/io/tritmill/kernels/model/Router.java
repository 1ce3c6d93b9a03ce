package io.tritmill.kernels.model;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Which experts a token meets, and with what weight each answer counts.
 *
 * <p>Of every expert there is a score. Chosen are those with the highest scores, a correction
 * added; weights are the scores without it. It is no module: a rounded router would send tokens
 * elsewhere.
 *
 * @param norm of what it reads; null for none
 * @param logitScale what the products with the weight are multiplied by, mostly 1
 * @param weight (experts, hidden)
 * @param bias (experts), added to the logits; null for none
 * @param score what becomes of the logits
 * @param correction (experts) or (1, experts), added to the scores for the choice alone
 *     (arXiv:2408.15664); null for none
 * @param groups equal runs that experts are cut into; 1 for no groups
 * @param keptGroups groups that may be chosen from: those whose two highest corrected scores have
 *     the largest sum
 * @param chosen experts of a token
 * @param normalized whether weights are divided by their sum
 * @param epsilon added to that sum
 * @param scale of the weights, mostly 1
 * @param expertScales (experts), of the weights of each; null for none
 */
public record Router(
    Norm norm,
    float logitScale,
    TensorSpec weight,
    TensorSpec bias,
    Score score,
    TensorSpec correction,
    int groups,
    int keptGroups,
    int chosen,
    boolean normalized,
    float epsilon,
    float scale,
    TensorSpec expertScales)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What becomes of the logits. */
  public enum Score {
    /** Their soft-max over all experts. */
    SOFTMAX,
    /** The logistic function of each. */
    SIGMOID
  }

  /**
   * Checks what config.json may have wrong.
   *
   * @throws IllegalArgumentException if more are to be chosen than there are
   */
  public Router {
    int experts = weight.rows();
    if (chosen < 1 || chosen > experts) {
      throw new IllegalArgumentException(
          "a token chooses %d of %d experts, expected 1 to %d".formatted(chosen, experts, experts));
    }
    if (groups < 1 || experts % groups != 0 || keptGroups < 1 || keptGroups > groups) {
      throw new IllegalArgumentException(
          "%d of %d groups of %d experts are kept, expected groups of one size and at most all"
              .formatted(keptGroups, groups, experts));
    }
    if (chosen > experts / groups * keptGroups) {
      throw new IllegalArgumentException(
          "a token chooses %d experts of %d groups with %d each, expected at most %d"
              .formatted(chosen, keptGroups, experts / groups, experts / groups * keptGroups));
    }
  }

  /** Number of experts. */
  public int experts() {
    return weight.rows();
  }

  /** Its tensors. */
  public List<TensorSpec> tensors() {
    List<TensorSpec> tensors = new ArrayList<>(List.of(weight));
    if (bias != null) {
      tensors.add(bias);
    }
    if (correction != null) {
      tensors.add(correction);
    }
    if (norm != null) {
      tensors.add(norm.weight());
    }
    if (expertScales != null) {
      tensors.add(expertScales);
    }
    return tensors;
  }
}
