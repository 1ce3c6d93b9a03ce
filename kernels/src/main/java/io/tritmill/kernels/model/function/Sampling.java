package io.tritmill.kernels.model.function;

/**
 * How the next token is chosen, see {@link TokenSampler}.
 *
 * @param temperature that logits are divided by, at least 0; 0 for the most likely token, always
 * @param topK of how many of the most likely tokens one is drawn; 0 for all
 * @param topP what the probabilities of those that are left reach, above 0 and at most 1
 * @param seed what is drawn
 */
public record Sampling(double temperature, int topK, double topP, long seed) {
  /** The most likely token, always. */
  public static final Sampling GREEDY = new Sampling(0, 0, 1, 0);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is outside its range
   */
  public Sampling {
    if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "A temperature is a number from 0 on, found " + temperature);
    }
    if (topK < 0) {
      throw new IllegalArgumentException("Top-k is a number of tokens, found " + topK);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("Top-p is above 0 and at most 1, found " + topP);
    }
  }
}
