package io.tritmill.jobs.export;

import io.tritmill.kernels.carrier.IntegerGrid;
import io.tritmill.kernels.carrier.ScaledIntegers;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Symmetric integers of 4 bits in the first layout of GPTQ: inputs by outputs, eight inputs in a
 * 32-bit word, zero points stored less one.
 *
 * <p>All modules have groups of one width.
 */
final class GptqFormat implements CheckpointFormat, ModulesByInputs.Form {
  private static final int BITS = ModulesByInputs.BITS;
  private static final int IN_WORD = ModulesByInputs.IN_WORD;
  private static final int ZERO = 1 << BITS - 1;

  @Override
  public String name() {
    return "gptq";
  }

  @Override
  public String opened() {
    return "vllm serve %s";
  }

  @Override
  public boolean ofEveryModule() {
    return true;
  }

  @Override
  public List<Held> hold(List<Layer> layers) {
    return ModulesByInputs.hold(name(), layers, this);
  }

  @Override
  public Optional<String> refusal(IntegerGrid grid, int columns) {
    return grid.refusal(-ZERO, ZERO - 1, columns, IN_WORD);
  }

  @Override
  public List<ExportedTensor> tensors(Layer layer, IntegerGrid grid) {
    long rows = layer.rows();
    long columns = layer.columns();
    long groups = columns / grid.groupColumns();
    return List.of(
        ModulesByInputs.words(
            layer,
            ".qweight",
            List.of(columns / IN_WORD, rows),
            out -> codes(layer.integers(), out)),
        ModulesByInputs.words(
            layer,
            ".qzeros",
            List.of(groups, rows / IN_WORD),
            out -> zeros(groups, layer.rows() / IN_WORD, out)),
        ModulesByInputs.words(
            layer,
            ".g_idx",
            List.of(columns),
            out -> indices(layer.columns(), grid.groupColumns(), out)));
  }

  private static void codes(ScaledIntegers matrix, OutputStream out) throws IOException {
    int rows = matrix.rows();
    int[] packed = new int[Math.multiplyExact(matrix.columns() / IN_WORD, rows)];
    byte[] codes = new byte[matrix.columns()];
    int first = matrix.grid().low() + ZERO;
    for (int row = 0; row < rows; row++) {
      matrix.codes(row, codes);
      for (int c = 0; c < codes.length; c++) {
        packed[c / IN_WORD * rows + row] |= codes[c] + first << c % IN_WORD * BITS;
      }
    }
    ModulesByInputs.write(packed, rows, out);
  }

  private static void zeros(long groups, int words, OutputStream out) throws IOException {
    int[] line = new int[words];
    Arrays.fill(line, 0x11111111 * (ZERO - 1));
    for (long group = 0; group < groups; group++) {
      ModulesByInputs.write(line, words, out);
    }
  }

  private static void indices(int columns, int width, OutputStream out) throws IOException {
    int[] groups = new int[columns];
    Arrays.setAll(groups, c -> c / width);
    ModulesByInputs.write(groups, columns, out);
  }

  @Override
  public Optional<Map<String, Object>> quantization(List<Held> held) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("quant_method", "gptq");
    config.put("bits", BITS);
    config.put("group_size", ModulesByInputs.width(held));
    config.put("desc_act", false);
    config.put("sym", true);
    config.put("checkpoint_format", "gptq");
    config.put("pack_dtype", "int32");
    return Optional.of(config);
  }
}
