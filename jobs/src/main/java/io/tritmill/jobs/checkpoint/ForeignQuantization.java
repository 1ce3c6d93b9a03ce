package io.tritmill.jobs.checkpoint;

import io.tritmill.jobs.tensor.TensorInfo;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The signs by which a checkpoint tells that another program has quantized its weights: such
 * weights mean nothing without their scales, and must not be taken for plain ones.
 */
final class ForeignQuantization {
  /** Objects of config.json, at any depth, that tell how weights were quantized. */
  private static final Set<String> KEYS =
      Set.of("quantization_config", "compression_config", "quantization");

  /**
   * A tensor that belongs to a packed weight.
   *
   * @param ending of its name
   * @param method who writes such
   */
  private record Companion(String ending, String method) {}

  private static final List<Companion> COMPANIONS =
      List.of(
          new Companion(".qweight", "gptq or awq"),
          new Companion(".qzeros", "gptq or awq"),
          new Companion(".g_idx", "gptq"),
          new Companion("_scale_inv", "fp8"),
          new Companion(".weight_scale", "fp8 or compressed-tensors"),
          new Companion(".weight_scale_2", "modelopt"),
          new Companion(".weight_packed", "compressed-tensors"),
          new Companion(".weight_zero_point", "compressed-tensors"),
          new Companion(".weight_global_scale", "compressed-tensors"),
          new Companion(".absmax", "bitsandbytes"),
          new Companion(".quant_map", "bitsandbytes"),
          new Companion(".SCB", "bitsandbytes"),
          new Companion(".W_q", "hqq"),
          new Companion(".codebooks", "aqlm"),
          new Companion(".weight._data", "quanto"));

  /** Types in which no weight lies as it is. */
  private static final Set<String> PACKED =
      Set.of(
          "I8",
          "U8",
          "I16",
          "U16",
          "I32",
          "U32",
          "F4",
          "F6_E2M3",
          "F6_E3M2",
          "F8_E4M3",
          "F8_E5M2",
          "F8_E8M0",
          "F8_E4M3FNUZ",
          "F8_E5M2FNUZ");

  private ForeignQuantization() {}

  /** The first sign that is found, in words. */
  static Optional<String> of(Map<String, Object> config, Map<String, TensorInfo> tensors) {
    boolean dressed =
        tensors.values().stream()
            .map(TensorInfo::dress)
            .anyMatch(dress -> dress.companion().isPresent() || dress.ternary());
    return configured(config, dressed)
        .or(
            () ->
                tensors.values().stream()
                    .map(tensor -> sign(tensor, tensors))
                    .filter(Objects::nonNull)
                    .findFirst());
  }

  private static Optional<String> configured(Map<?, ?> config, boolean dressed) {
    for (Map.Entry<?, ?> entry : config.entrySet()) {
      if (KEYS.contains(entry.getKey()) && entry.getValue() != null) {
        Optional<String> method = method(entry.getValue());
        if (method.isPresent() && !(dressed && KnownQuantization.is(entry.getValue()))) {
          return Optional.of("%s says %s".formatted(entry.getKey(), method.get()));
        }
      } else if (entry.getValue() instanceof Map<?, ?> nested) {
        Optional<String> found = configured(nested, dressed);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /** What an object tells; transformers takes a bitsandbytes of neither width for plain weights. */
  private static Optional<String> method(Object value) {
    if (!(value instanceof Map<?, ?> object)) {
      return Optional.of(String.valueOf(value));
    }
    boolean wide = Boolean.TRUE.equals(object.get("load_in_8bit"));
    boolean narrow = Boolean.TRUE.equals(object.get("load_in_4bit"));
    Object method = object.get("quant_method");
    if ("bitsandbytes".equals(method) && !wide && !narrow) {
      return Optional.empty();
    }
    if (method == null && (wide || narrow)) {
      return Optional.of("bitsandbytes");
    }
    return Optional.of(
        method != null
            ? method.toString()
            : object.get("bits") != null ? object.get("bits") + " bits" : "no method");
  }

  private static String sign(TensorInfo tensor, Map<String, TensorInfo> tensors) {
    String name = tensor.name();
    for (Companion companion : COMPANIONS) {
      if (name.endsWith(companion.ending())) {
        return "tensor %s is of %s".formatted(name, companion.method());
      }
    }
    if (name.contains(".quant_state.bitsandbytes__")) {
      return "tensor %s is of bitsandbytes".formatted(name);
    }
    if (name.endsWith("_blocks") && tensors.containsKey(name.replaceAll("blocks$", "scales"))) {
      return "tensor %s is of mxfp4".formatted(name);
    }
    if (name.endsWith(".scales") && has(tensors, name, "scales", List.of("weight", "codes"))) {
      return "tensor %s are scales of a weight".formatted(name);
    }
    boolean weight = name.endsWith(".weight") && tensor.shape().size() > 1;
    return weight && tensor.encoding().isEmpty() && PACKED.contains(tensor.dtype())
        ? "tensor %s is of dtype %s".formatted(name, tensor.dtype())
        : null;
  }

  /** Whether there is a tensor beside the one of this name, that ends otherwise. */
  private static boolean has(
      Map<String, TensorInfo> tensors, String name, String ending, Collection<String> others) {
    String begin = name.substring(0, name.length() - ending.length());
    return others.stream().anyMatch(other -> tensors.containsKey(begin + other));
  }
}
