package io.tritmill.kernels.model;

import java.io.Serializable;

/**
 * Rotary position embedding (arXiv:2104.09864) of the first elements of each head.
 *
 * @param theta base of the frequencies
 * @param scaling how the frequencies were stretched for longer contexts
 * @param size elements that are rotated, even; those of a head after them stay
 * @param interleaved whether the pairs are (2i, 2i + 1), not (i, i + size / 2)
 */
public record Rope(double theta, Scaling scaling, int size, boolean interleaved)
    implements Serializable {
  /** How frequencies differ from theta^(-2i / size). */
  public sealed interface Scaling extends Serializable {}

  /** Not at all. */
  public record None() implements Scaling {}

  /** All divided by factor. */
  public record Linear(double factor) implements Scaling {}

  /** Llama 3.1's: long wavelengths divided by factor, short ones kept, a ramp between. */
  public record Llama3(
      double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalPositions)
      implements Scaling {}
}
