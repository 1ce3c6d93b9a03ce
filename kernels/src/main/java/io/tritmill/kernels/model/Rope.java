package io.tritmill.kernels.model;

import java.io.Serializable;
import java.util.List;

/**
 * Rotary position embedding (arXiv:2104.09864) of the first elements of each head.
 *
 * @param theta base of the frequencies
 * @param scaling how the frequencies were stretched for longer contexts
 * @param size elements that are rotated, even; those of a head after them stay
 * @param interleaved whether the pairs are (2i, 2i + 1), not (i, i + size / 2)
 * @param factor what rotated elements are multiplied by, mostly 1
 */
public record Rope(double theta, Scaling scaling, int size, boolean interleaved, double factor)
    implements Serializable {
  /** Pairs half the rotated part apart, of their own length. */
  public Rope(double theta, Scaling scaling, int size) {
    this(theta, scaling, size, false, 1);
  }

  /** The embedding of a sequence of so many tokens, which LongRope alone looks at. */
  public Rope forLength(int tokens) {
    return scaling instanceof LongRope longRope
        ? new Rope(theta, new Divided(longRope.factors(tokens)), size, interleaved, factor)
        : this;
  }

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

  /** Those of the first pairs divided by factor, the others none: what they stand for stays. */
  public record Proportional(int pairs, double factor) implements Scaling {}

  /** Each divided by a factor of its own. */
  public record Divided(List<Double> factors) implements Scaling {
    public Divided {
      factors = List.copyOf(factors);
    }
  }

  /**
   * Those of many turns in the original context kept, those of few divided, a ramp over pairs
   * between (arXiv:2309.00071, section 3.2).
   *
   * @param betaFast turns from which on they are kept
   * @param betaSlow turns up to which they are divided
   * @param truncate whether the ramp begins and ends at whole pairs
   */
  public record Yarn(
      double factor, int originalPositions, double betaFast, double betaSlow, boolean truncate)
      implements Scaling {}

  /**
   * Each divided by a factor of its own, of two for sequences up to the original length and longer
   * ones (arXiv:2402.13753).
   */
  public record LongRope(List<Double> shortFactors, List<Double> longFactors, int originalPositions)
      implements Scaling {
    public LongRope {
      shortFactors = List.copyOf(shortFactors);
      longFactors = List.copyOf(longFactors);
    }

    List<Double> factors(int tokens) {
      return tokens > originalPositions ? longFactors : shortFactors;
    }
  }
}
