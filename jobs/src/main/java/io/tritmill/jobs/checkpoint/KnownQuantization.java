package io.tritmill.jobs.checkpoint;

import java.util.List;
import java.util.Map;

/** What {@code quantization_config} may say of weights that are read by their scales. */
final class KnownQuantization {
  private static final List<Integer> BLOCK = List.of(128, 128);

  private KnownQuantization() {}

  /** Whether it tells of a way to quantize that is known here, with the numbers that are. */
  static boolean is(Object configured) {
    if (!(configured instanceof Map<?, ?> values)) {
      return false;
    }
    return switch (String.valueOf(values.get("quant_method"))) {
      case "fp8" -> absentOr(values, "fmt", "e4m3") && absentOr(values, "weight_block_size", BLOCK);
      case "mxfp4" -> true;
      case "compressed-tensors" ->
          "float-quantized".equals(values.get("format")) && groups(values.get("config_groups"));
      default -> false;
    };
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
