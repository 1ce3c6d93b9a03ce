package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Router;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.Arrays;

/** Chooses experts as a {@link Router} says; in float, as the models were trained. */
final class Routing {
  private final Router router;
  private final int experts;
  private final float[] bias; // null for none
  private final float[] correction; // null for none
  private final float[] expertScales; // null for none
  private final float[] corrected; // of one token
  private final double[] groupScores;

  private Routing(Router router, SublayerWeights weights) {
    this.router = router;
    experts = router.experts();
    bias = router.bias() == null ? null : weights.vector(router.bias());
    correction = router.correction() == null ? null : weights.flat(router.correction());
    expertScales = router.expertScales() == null ? null : weights.vector(router.expertScales());
    corrected = new float[experts];
    groupScores = new double[router.groups()];
  }

  /**
   * The routes of tokens.
   *
   * @param x (tokens, hidden)
   */
  static Routes of(Router router, SublayerWeights weights, int tokens, float[] x) {
    WeightRows matrix = weights.matrix(router.weight());
    float[] scores = new float[tokens * router.experts()];
    float[] inputs = x;
    if (router.norm() != null) {
      inputs = new float[tokens * matrix.columns()];
      weights.normalize(router.norm(), tokens, x, inputs);
    }
    Gemm.multiplyTransposed(tokens, inputs, matrix, scores);
    return new Routing(router, weights).choose(tokens, scores);
  }

  /**
   * @param scores (tokens, experts) logits; become scores
   */
  private Routes choose(int tokens, float[] scores) {
    int each = router.chosen();
    int[] chosen = new int[tokens * each];
    float[] weights = new float[chosen.length];
    for (int t = 0; t < tokens; t++) {
      score(scores, t * experts);
      for (int e = 0; e < experts; e++) {
        corrected[e] = scores[t * experts + e] + (correction == null ? 0 : correction[e]);
      }
      dropGroups();
      for (int i = 0; i < each; i++) {
        int best = takeBest();
        chosen[t * each + i] = best;
        weights[t * each + i] = scores[t * experts + best];
      }
      weigh(weights, t * each, each);
      for (int i = t * each; expertScales != null && i < (t + 1) * each; i++) {
        weights[i] *= expertScales[chosen[i]];
      }
    }
    return Routes.of(experts, each, chosen, weights);
  }

  private void score(float[] logits, int at) {
    float most = Float.NEGATIVE_INFINITY;
    for (int e = 0; e < experts; e++) {
      logits[at + e] *= router.logitScale();
      logits[at + e] += bias == null ? 0 : bias[e];
      most = Math.max(most, logits[at + e]);
    }
    switch (router.score()) {
      case SIGMOID -> {
        for (int e = 0; e < experts; e++) {
          logits[at + e] = (float) (1 / (1 + Math.exp(-logits[at + e])));
        }
      }
      case SOFTMAX -> {
        double sum = 0;
        for (int e = 0; e < experts; e++) {
          logits[at + e] = (float) Math.exp(logits[at + e] - most);
          sum += logits[at + e];
        }
        for (int e = 0; e < experts; e++) {
          logits[at + e] /= (float) sum;
        }
      }
    }
  }

  /** Leaves the experts of the best groups. */
  private void dropGroups() {
    int groups = router.groups();
    int size = experts / groups;
    for (int group = 0; group < groups; group++) {
      float first = Float.NEGATIVE_INFINITY;
      float second = Float.NEGATIVE_INFINITY;
      for (int e = group * size; e < (group + 1) * size; e++) {
        second = Math.max(second, Math.min(first, corrected[e]));
        first = Math.max(first, corrected[e]);
      }
      groupScores[group] = (double) first + (size > 1 ? second : 0);
    }
    for (int drop = router.keptGroups(); drop < groups; drop++) {
      int worst = worstGroup();
      groupScores[worst] = Double.POSITIVE_INFINITY;
      Arrays.fill(corrected, worst * size, (worst + 1) * size, Float.NEGATIVE_INFINITY);
    }
  }

  /** The last of those with the lowest score. */
  private int worstGroup() {
    int worst = 0;
    for (int group = 1; group < groupScores.length; group++) {
      if (groupScores[group] <= groupScores[worst]) {
        worst = group;
      }
    }
    return worst;
  }

  /** The first of those with the highest corrected score, which cannot be taken again. */
  private int takeBest() {
    int best = 0;
    for (int e = 1; e < experts; e++) {
      if (corrected[e] > corrected[best]) {
        best = e;
      }
    }
    corrected[best] = Float.NEGATIVE_INFINITY;
    return best;
  }

  private void weigh(float[] weights, int at, int each) {
    float sum = 0;
    for (int i = 0; i < each; i++) {
      sum += weights[at + i];
    }
    for (int i = 0; i < each; i++) {
      if (router.normalized()) {
        weights[at + i] /= sum + router.epsilon();
      }
      weights[at + i] *= router.scale();
    }
  }
}
