package io.tritmill.kernels.model.forward;

import java.util.Arrays;

/**
 * Which tokens meet which experts, and how much each answer counts: the tokens of one expert after
 * those of another, in order.
 *
 * @param ends where each expert's tokens end, (experts)
 * @param tokens numbers of the tokens
 * @param weights of the answers
 */
public record Routes(int[] ends, int[] tokens, float[] weights) {
  /**
   * Sorts what tokens chose by experts.
   *
   * @param experts how many there are
   * @param each experts that a token chooses
   * @param chosen (tokens, each) experts
   * @param weights (tokens, each)
   */
  static Routes of(int experts, int each, int[] chosen, float[] weights) {
    int[] at = new int[experts + 1];
    for (int expert : chosen) {
      at[expert + 1]++;
    }
    Arrays.parallelPrefix(at, Integer::sum);
    int[] ends = Arrays.copyOfRange(at, 1, experts + 1);
    int[] tokens = new int[chosen.length];
    float[] sorted = new float[chosen.length];
    for (int i = 0; i < chosen.length; i++) {
      int to = at[chosen[i]]++;
      tokens[to] = i / each;
      sorted[to] = weights[i];
    }
    return new Routes(ends, tokens, sorted);
  }

  /** Where the tokens of an expert begin. */
  public int begin(int expert) {
    return expert == 0 ? 0 : ends[expert - 1];
  }

  /** How many tokens an expert meets. */
  public int count(int expert) {
    return ends[expert] - begin(expert);
  }
}
