package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.kernels.model.Rope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The divisors of rotary frequencies that stand in a tensor, as the scaling of Llama 3 by which
 * they were made.
 */
final class RopeFactors {
  /** What all models of Llama 3 have, the factor apart. */
  private static final double LOW = 1;

  private static final double HIGH = 4;

  /** The context that they first had; models of others had another power of two. */
  private static final int ORIGINAL = 8192;

  private static final int SHORTEST = 16;
  private static final int LONGEST = 1 << 20;

  /** The tensor holds single precision. */
  private static final double TOLERANCE = 1e-5;

  private RopeFactors() {}

  /**
   * The values of {@code rope_scaling}.
   *
   * @param file for messages
   * @param divisors of each pair of a head
   * @param base of the frequencies
   * @throws BadInputException if they are not such as those of Llama 3
   */
  static Map<String, Object> scaling(String file, float[] divisors, double base) {
    double factor = divisors[divisors.length - 1];
    int original = ORIGINAL;
    if (firstOther(divisors, base, factor, original) >= 0) {
      original =
          IntStream.iterate(SHORTEST, n -> n <= LONGEST, n -> 2 * n)
              .filter(n -> firstOther(divisors, base, factor, n) < 0)
              .findFirst()
              .orElse(ORIGINAL);
    }
    int other = firstOther(divisors, base, factor, original);
    if (other >= 0) {
      throw BadInputException.unsupported(
          "%s: rope_freqs.weight divides frequency %d by %s, expected %.6g, as Llama 3 with a"
              + " factor of %.6g does; give the checkpoint that it was made from",
          file,
          other,
          divisors[other],
          divisor(other, divisors.length, base, usual(factor, original)),
          factor);
    }
    Map<String, Object> scaling = new LinkedHashMap<>();
    scaling.put("rope_type", "llama3");
    scaling.put("factor", factor);
    scaling.put("low_freq_factor", LOW);
    scaling.put("high_freq_factor", HIGH);
    scaling.put("original_max_position_embeddings", original);
    return scaling;
  }

  /** The first pair whose divisor is another; -1 where there is none. */
  private static int firstOther(float[] divisors, double base, double factor, int original) {
    for (int i = 0; i < divisors.length; i++) {
      double expected = divisor(i, divisors.length, base, usual(factor, original));
      if (!(Math.abs(divisors[i] - expected) <= TOLERANCE * expected)) {
        return i;
      }
    }
    return -1;
  }

  private static Rope.Llama3 usual(double factor, int original) {
    return new Rope.Llama3(factor, LOW, HIGH, original);
  }

  /** The divisors that are stored for a scaling, before they are rounded. */
  static List<Double> divisors(Rope rope, Rope.Llama3 scaling) {
    int pairs = rope.size() / 2;
    return IntStream.range(0, pairs)
        .mapToObj(pair -> divisor(pair, pairs, rope.theta(), scaling))
        .toList();
  }

  /** As transformers' {@code _compute_llama3_parameters}. */
  private static double divisor(int pair, int pairs, double base, Rope.Llama3 scaling) {
    double low = scaling.lowFrequencyFactor();
    double high = scaling.highFrequencyFactor();
    double wavelength = 2 * Math.PI * Math.pow(base, (double) pair / pairs);
    double turns = scaling.originalPositions() / wavelength;
    if (turns > high) {
      return 1;
    }
    double share = Math.max(0, (turns - low) / (high - low));
    return 1 / ((1 - share) / scaling.factor() + share);
  }
}
