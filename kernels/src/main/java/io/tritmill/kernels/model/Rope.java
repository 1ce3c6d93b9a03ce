package io.tritmill.kernels.model;

/**
 * Rotary position embedding (arXiv:2104.09864) in the half-split form: the pairs are (i, i +
 * headSize / 2).
 *
 * @param theta base of the frequencies
 * @param scaling how the frequencies were stretched for longer contexts
 */
public record Rope(double theta, Scaling scaling) {
  /** How frequencies differ from theta^(-2i / headSize). */
  public sealed interface Scaling {}

  /** Not at all. */
  public record None() implements Scaling {}

  /** All divided by factor. */
  public record Linear(double factor) implements Scaling {}

  /** Llama 3.1's: long wavelengths divided by factor, short ones kept, a ramp between. */
  public record Llama3(
      double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalPositions)
      implements Scaling {}
}
