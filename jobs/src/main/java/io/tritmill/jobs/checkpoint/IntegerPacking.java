package io.tritmill.jobs.checkpoint;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code quantization_config} may say of integers that are packed into 32-bit words: those of
 * compressed-tensors, around zero, those of GPTQ, and those of AutoAWQ.
 *
 * @param layout how they lie
 * @param added what stored zero points are less than they mean
 * @param common bits of all modules that are not named; empty where all are
 * @param named bits of modules
 */
record IntegerPacking(
    Layout layout, int added, Optional<Integer> common, Map<String, Integer> named) {
  /** How codes lie. */
  enum Layout {
    /** A row of ours after the other. */
    ROWS,
    /** Inputs by outputs, so many inputs in a word. */
    GPTQ,
    /** Inputs by outputs, so many outputs in a word. */
    AWQ
  }

  private static final Set<Integer> BITS = Set.of(2, 4, 8);
  private static final String ANY = "Linear";
  private static final String PATTERN = "re:";

  /** The end of the name of a tensor of words. */
  String ending() {
    return layout == Layout.ROWS ? ".weight_packed" : ".qweight";
  }

  /** The bits of a module's integers; empty where the configuration leaves it out. */
  Optional<Integer> bits(String module) {
    return Optional.ofNullable(named.get(module)).or(() -> common);
  }

  /**
   * What a configuration tells of packed integers; empty where it tells of none, or of something
   * about them that is not known.
   *
   * @param configured a {@code quantization_config}, or that of a packed model with the source's
   */
  static Optional<IntegerPacking> of(Object configured) {
    if (!(configured instanceof Map<?, ?> values)) {
      return Optional.empty();
    }
    if (values.get(KnownQuantization.SOURCE) != null) {
      return of(values.get(KnownQuantization.SOURCE));
    }
    return switch (String.valueOf(values.get("quant_method"))) {
      case "gptq" -> ofGptq(values);
      case "awq" -> ofAwq(values);
      case "compressed-tensors" -> ofCompressedTensors(values);
      default -> Optional.empty();
    };
  }

  private static Optional<IntegerPacking> ofGptq(Map<?, ?> values) {
    Object format = values.get("checkpoint_format");
    boolean known =
        values.get("bits") instanceof Integer bits
            && BITS.contains(bits)
            && (format == null || format.equals("gptq") || format.equals("gptq_v2"))
            && absentOr(values, "pack_dtype", "int32")
            && none(values.get("dynamic"));
    // The first layout stores zero points less one.
    return known
        ? Optional.of(
            new IntegerPacking(
                Layout.GPTQ,
                "gptq_v2".equals(format) ? 0 : 1,
                Optional.of((Integer) values.get("bits")),
                Map.of()))
        : Optional.empty();
  }

  private static Optional<IntegerPacking> ofAwq(Map<?, ?> values) {
    Object format = values.get(values.get("version") == null ? "format" : "version");
    boolean known =
        Integer.valueOf(4).equals(values.get("bits"))
            && "gemm".equalsIgnoreCase(String.valueOf(format == null ? "gemm" : format))
            && !"llm-awq".equals(values.get("backend"))
            && absentOr(values, "zero_point", true);
    return known
        ? Optional.of(new IntegerPacking(Layout.AWQ, 0, Optional.of(4), Map.of()))
        : Optional.empty();
  }

  private static Optional<IntegerPacking> ofCompressedTensors(Map<?, ?> values) {
    if (!"pack-quantized".equals(values.get("format"))
        || !none(values.get("transform_config"))
        || !none(values.get("sparsity_config"))
        || !none(values.get("kv_cache_scheme"))
        || !(values.get("config_groups") instanceof Map<?, ?> groups)
        || groups.isEmpty()) {
      return Optional.empty();
    }
    Set<Integer> widths = new HashSet<>();
    Map<String, Integer> named = new HashMap<>();
    Optional<Integer> common = Optional.empty();
    boolean patterns = false;
    for (Object one : groups.values()) {
      Optional<Integer> bits = bits(one);
      if (bits.isEmpty() || !(((Map<?, ?>) one).get("targets") instanceof List<?> targets)) {
        return Optional.empty();
      }
      widths.add(bits.get());
      for (Object target : targets) {
        patterns |= String.valueOf(target).startsWith(PATTERN);
        if (ANY.equals(target)) {
          common = bits;
        } else {
          named.put(String.valueOf(target), bits.get());
        }
      }
    }
    if (widths.size() == 1) {
      return Optional.of(
          new IntegerPacking(Layout.ROWS, 0, Optional.of(widths.iterator().next()), Map.of()));
    }
    // Which module a pattern of a stranger means is not looked for.
    return patterns
        ? Optional.empty()
        : Optional.of(new IntegerPacking(Layout.ROWS, 0, common, Map.copyOf(named)));
  }

  /** The bits of a group of modules whose weights are integers around zero, and nothing else. */
  private static Optional<Integer> bits(Object group) {
    return group instanceof Map<?, ?> of
            && none(of.get("input_activations"))
            && none(of.get("output_activations"))
            && absentOr(of, "format", "pack-quantized")
            && of.get("weights") instanceof Map<?, ?> weights
            && weights.get("num_bits") instanceof Integer bits
            && BITS.contains(bits)
            && absentOr(weights, "type", "int")
            && absentOr(weights, "symmetric", true)
            && absentOr(weights, "dynamic", false)
            && List.of("group", "channel").contains(String.valueOf(weights.get("strategy")))
            && !"group".equals(weights.get("actorder"))
        ? Optional.of(bits)
        : Optional.empty();
  }

  private static boolean absentOr(Map<?, ?> values, String key, Object expected) {
    return values.get(key) == null || values.get(key).equals(expected);
  }

  private static boolean none(Object value) {
    return value == null
        || value instanceof Map<?, ?> map && map.isEmpty()
        || value instanceof Collection<?> list && list.isEmpty();
  }
}
