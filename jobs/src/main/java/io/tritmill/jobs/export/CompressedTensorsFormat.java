package io.tritmill.jobs.export;

import io.tritmill.kernels.carrier.IntegerGrid;
import io.tritmill.kernels.carrier.ScaledIntegers;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Symmetric integers of 4 or 8 bits as the library compressed-tensors packs them, {@code
 * pack-quantized}: what vLLM serves and transformers opens.
 *
 * <p>A weight is its integer plus 2^(bits - 1); so many as fit share a 32-bit word of a row, the
 * first in its lowest bits.
 */
final class CompressedTensorsFormat implements CheckpointFormat {
  @Override
  public String name() {
    return "compressed-tensors";
  }

  @Override
  public String opened() {
    return "vllm serve %s";
  }

  @Override
  public List<Held> hold(List<Layer> layers) {
    return layers.stream().map(CompressedTensorsFormat::hold).toList();
  }

  private static Held hold(Layer layer) {
    String why = "levels are no integers times a scale";
    Optional<IntegerGrid> grid = layer.grid();
    if (!layer.name().endsWith(".weight") || Tables.isTable(layer)) {
      return PlainWeights.holdExactly(layer, "the format holds linear modules alone");
    }
    for (int bits : new int[] {4, 8}) {
      if (grid.isEmpty()) {
        break;
      }
      int half = 1 << bits - 1;
      Optional<String> refusal =
          grid.get().refusal(-half, half - 1, layer.columns(), Integer.SIZE / bits);
      boolean even = layer.columns() % grid.get().groupColumns() == 0;
      if (refusal.isEmpty() && even) {
        String reason = bits == 4 ? null : why;
        return new Held(layer, "int" + bits, reason, 0, tensors(layer, grid.get(), bits));
      }
      why =
          refusal
              .map(one -> "int%d %s".formatted(bits, one))
              .orElse("the last group of a row is shorter");
    }
    return PlainWeights.holdExactly(layer, why);
  }

  private static List<ExportedTensor> tensors(Layer layer, IntegerGrid grid, int bits) {
    long rows = layer.rows();
    long words = layer.columns() / (Integer.SIZE / bits);
    long groups = layer.columns() / grid.groupColumns();
    List<ExportedTensor> tensors = new ArrayList<>();
    tensors.add(
        new ExportedTensor(
            layer.module() + ".weight_packed",
            "I32",
            List.of(rows, words),
            rows * words * Integer.BYTES,
            out -> codes(layer.integers(), bits, out)));
    tensors.add(
        new ExportedTensor(
            layer.module() + ".weight_scale",
            "F16",
            List.of(rows, groups),
            rows * groups * DType.F16.bytes(),
            out -> scales(layer.integers(), out)));
    tensors.add(
        new ExportedTensor(
            layer.module() + ".weight_shape",
            "I64",
            List.of(2L),
            2L * Long.BYTES,
            out ->
                out.write(
                    ByteBuffer.allocate(2 * Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(rows)
                        .putLong(layer.columns())
                        .array())));
    return tensors;
  }

  private static void codes(ScaledIntegers matrix, int bits, OutputStream out) throws IOException {
    int columns = matrix.columns();
    int perByte = Byte.SIZE / bits;
    byte[] codes = new byte[columns];
    int first = matrix.grid().low() + (1 << bits - 1);
    byte[] row = new byte[columns / perByte];
    for (int r = 0; r < matrix.rows(); r++) {
      matrix.codes(r, codes);
      for (int b = 0; b < row.length; b++) {
        int packed = 0;
        for (int i = 0; i < perByte; i++) {
          packed |= (codes[b * perByte + i] & 0xff) + first << i * bits;
        }
        row[b] = (byte) packed;
      }
      out.write(row);
    }
  }

  private static void scales(ScaledIntegers matrix, OutputStream out) throws IOException {
    int groups = matrix.columns() / matrix.grid().groupColumns();
    float[] scales = new float[groups];
    byte[] row = new byte[groups * DType.F16.bytes()];
    for (int r = 0; r < matrix.rows(); r++) {
      for (int group = 0; group < groups; group++) {
        scales[group] = matrix.scale(r, group);
      }
      DType.F16.encode(scales, 0, row, 0, groups);
      out.write(row);
    }
  }

  /** A group of modules for each number of bits and each width of a group. */
  @Override
  public Optional<Map<String, Object>> quantization(List<Held> held) {
    Map<String, List<Held>> alike = new TreeMap<>();
    List<String> plain = new ArrayList<>();
    for (Held one : held) {
      if (one.type().startsWith("int")) {
        int width = one.layer().grid().orElseThrow().groupColumns();
        boolean rows = width == one.layer().columns();
        String key = one.type() + "." + (rows ? "row" : "%06d".formatted(width));
        alike.computeIfAbsent(key, ignored -> new ArrayList<>()).add(one);
      } else {
        plain.add(one.layer().module());
      }
    }
    Map<String, Object> groups = new LinkedHashMap<>();
    alike.values().stream()
        .sorted(Comparator.<List<Held>>comparingInt(List::size).reversed())
        .forEach(same -> groups.put("group_" + groups.size(), group(same)));
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("quant_method", "compressed-tensors");
    config.put("format", "pack-quantized");
    config.put("quantization_status", "compressed");
    config.put("config_groups", groups);
    config.put("ignore", plain);
    config.put("kv_cache_scheme", null);
    config.put("global_compression_ratio", null);
    return Optional.of(config);
  }

  private static Map<String, Object> group(List<Held> same) {
    Layer first = same.getFirst().layer();
    int width = first.grid().orElseThrow().groupColumns();
    boolean rows = width == first.columns();
    Map<String, Object> weights = new LinkedHashMap<>();
    weights.put("num_bits", Integer.parseInt(same.getFirst().type().substring("int".length())));
    weights.put("type", "int");
    weights.put("symmetric", true);
    weights.put("strategy", rows ? "channel" : "group");
    weights.put("group_size", rows ? null : width);
    weights.put("dynamic", false);
    weights.put("actorder", null);
    weights.put("block_structure", null);
    weights.put("observer", "minmax");
    weights.put("observer_kwargs", Map.of());
    Map<String, Object> group = new LinkedHashMap<>();
    group.put("targets", same.stream().map(one -> one.layer().module()).toList());
    group.put("weights", weights);
    group.put("input_activations", null);
    group.put("output_activations", null);
    return group;
  }
}
