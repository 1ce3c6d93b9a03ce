package io.tritmill.jobs.gguf;

import io.tritmill.jobs.failure.BadInputException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The divisors of rotary frequencies that stand in a tensor, as the scaling of Llama 3 by which
 * they were made.
 */
final class RopeFactors {
  /** What all models of Llama 3 have, the factor apart. */
  private static final double LOW = 1;

  private static final double HIGH = 4;
  private static final int ORIGINAL = 8192;

  /** The tensor holds single precision. */
  private static final double TOLERANCE = 1e-5;

  private RopeFactors() {}

  /**
   * The values of {@code rope_scaling}.
   *
   * @param file for messages
   * @param divisors of each pair of a head
   * @param base of the frequencies
   * @throws BadInputException if they are not those of Llama 3
   */
  static Map<String, Object> scaling(String file, float[] divisors, double base) {
    double factor = divisors[divisors.length - 1];
    for (int i = 0; i < divisors.length; i++) {
      double expected = divisor(i, divisors.length, base, factor);
      if (!(Math.abs(divisors[i] - expected) <= TOLERANCE * expected)) {
        throw BadInputException.unsupported(
            "%s: rope_freqs.weight divides frequency %d by %s, expected %.6g, as Llama 3 with a"
                + " factor of %.6g does; give the checkpoint that it was made from",
            file, i, divisors[i], expected, factor);
      }
    }
    Map<String, Object> scaling = new LinkedHashMap<>();
    scaling.put("rope_type", "llama3");
    scaling.put("factor", factor);
    scaling.put("low_freq_factor", LOW);
    scaling.put("high_freq_factor", HIGH);
    scaling.put("original_max_position_embeddings", ORIGINAL);
    return scaling;
  }

  /** As transformers' {@code _compute_llama3_parameters}. */
  private static double divisor(int pair, int pairs, double base, double factor) {
    double wavelength = 2 * Math.PI * Math.pow(base, (double) pair / pairs);
    double turns = ORIGINAL / wavelength;
    if (turns > HIGH) {
      return 1;
    }
    double share = Math.max(0, (turns - LOW) / (HIGH - LOW));
    return 1 / ((1 - share) / factor + share);
  }
}
