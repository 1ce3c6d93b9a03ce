package io.tritmill.jobs.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code quantization_config} may say of weights that are read by their scales. */
public final class KnownQuantization {
  private static final List<Integer> BLOCK = List.of(128, 128);

  private static final String BITNET = "bitnet";
  private static final String ONLINE = "online";
  private static final String MULTIPLIED = "autobitlinear";

  /** The key under which a packed model's configuration has that of its source. */
  public static final String SOURCE = "source";

  private KnownQuantization() {}

  /** Whether it tells of a way to quantize that is known here, with the numbers that are. */
  public static boolean is(Object configured) {
    if (!(configured instanceof Map<?, ?> values)) {
      return false;
    }
    return switch (String.valueOf(values.get("quant_method"))) {
      case "fp8" -> absentOr(values, "fmt", "e4m3") && absentOr(values, "weight_block_size", BLOCK);
      case "mxfp4" -> true;
      case BITNET -> bitnet(values);
      case "gptq", "awq" -> IntegerPacking.of(values).isPresent();
      case "compressed-tensors" ->
          "float-quantized".equals(values.get("format")) && groups(values.get("config_groups"))
              || IntegerPacking.of(values).isPresent();
      default -> false;
    };
  }

  private static boolean bitnet(Map<?, ?> values) {
    return (absentOr(values, "quantization_mode", "offline") || online(values))
        && absentOr(values, "use_rms_norm", false)
        && absentOr(values, "modules_to_not_convert", List.of("lm_head"))
        && (absentOr(values, "linear_class", MULTIPLIED)
            || absentOr(values, "linear_class", "bitlinear"));
  }

  /** Whether weights are stored as they were trained, and become trits when they are loaded. */
  private static boolean online(Map<?, ?> values) {
    return ONLINE.equals(values.get("quantization_mode"))
        && MULTIPLIED.equals(values.get("linear_class"));
  }

  /**
   * Whether a known configuration makes trits of the weights of linear modules in blocks.
   *
   * @param configured a {@code quantization_config}, or that of a packed model with the source's
   */
  static boolean ternarizes(Object configured) {
    if (!(configured instanceof Map<?, ?> values)) {
      return false;
    }
    return values.get(SOURCE) != null
        ? ternarizes(values.get(SOURCE))
        : BITNET.equals(values.get("quant_method")) && bitnet(values) && online(values);
  }

  /**
   * Whether a known configuration is of packed trits, which are divided by their scales: so they
   * are but in modules of one class.
   *
   * @param configured a {@code quantization_config}, or that of a packed model with the source's
   * @return empty where it is of none
   */
  static Optional<Boolean> tritsDivided(Object configured) {
    if (!(configured instanceof Map<?, ?> values)) {
      return Optional.empty();
    }
    if (values.get(SOURCE) != null) {
      return tritsDivided(values.get(SOURCE));
    }
    return BITNET.equals(values.get("quant_method")) && bitnet(values) && !online(values)
        ? Optional.of(!MULTIPLIED.equals(values.get("linear_class")))
        : Optional.empty();
  }

  private static boolean absentOr(Map<?, ?> values, String key, Object expected) {
    return values.get(key) == null || values.get(key).equals(expected);
  }

  /** Groups of modules, in each of which weights are 8-bit floats of one of three strategies. */
  private static boolean groups(Object groups) {
    return groups instanceof Map<?, ?> named
        && !named.isEmpty()
        && named.values().stream()
            .allMatch(
                group ->
                    group instanceof Map<?, ?> of && of.get("weights") instanceof Map<?, ?> weights
                        ? Integer.valueOf(8).equals(weights.get("num_bits"))
                            && "float".equals(weights.get("type"))
                            && List.of("tensor", "channel", "block")
                                .contains(String.valueOf(weights.get("strategy")))
                            && absentOr(weights, "block_structure", BLOCK)
                        : false);
  }
}
