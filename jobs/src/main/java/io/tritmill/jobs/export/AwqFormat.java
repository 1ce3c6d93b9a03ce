package io.tritmill.jobs.export;

import io.tritmill.kernels.carrier.IntegerGrid;
import io.tritmill.kernels.carrier.ScaledIntegers;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Integers of 4 bits with zero points in AutoAWQ's layout for products of matrices: inputs by
 * outputs, eight outputs in a 32-bit word, those of even number before those of odd.
 *
 * <p>All modules have groups of one width. Levels around zero get the zero point that they have.
 */
final class AwqFormat implements CheckpointFormat, ModulesByInputs.Form {
  private static final int IN_WORD = ModulesByInputs.IN_WORD;
  private static final int STEPS = (1 << ModulesByInputs.BITS) - 1;

  /** Where in a word each of its outputs lies. */
  private static final int[] PLACES = {0, 4, 1, 5, 2, 6, 3, 7};

  @Override
  public String name() {
    return "awq";
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
    return grid.refusal(STEPS, columns, 1);
  }

  @Override
  public List<ExportedTensor> tensors(Layer layer, IntegerGrid grid) {
    long columns = layer.columns();
    long words = layer.rows() / IN_WORD;
    long groups = columns / grid.groupColumns();
    return List.of(
        ModulesByInputs.words(
            layer, ".qweight", List.of(columns, words), out -> codes(layer.integers(), out)),
        ModulesByInputs.words(
            layer, ".qzeros", List.of(groups, words), out -> zeros(layer.integers(), out)));
  }

  private static void codes(ScaledIntegers matrix, OutputStream out) throws IOException {
    int words = matrix.rows() / IN_WORD;
    int[] packed = new int[Math.multiplyExact(matrix.columns(), words)];
    byte[] codes = new byte[matrix.columns()];
    for (int row = 0; row < matrix.rows(); row++) {
      matrix.codes(row, codes);
      for (int c = 0; c < codes.length; c++) {
        packed[c * words + row / IN_WORD] |= codes[c] << shift(row);
      }
    }
    ModulesByInputs.write(packed, words, out);
  }

  private static void zeros(ScaledIntegers matrix, OutputStream out) throws IOException {
    int words = matrix.rows() / IN_WORD;
    int groups = matrix.columns() / matrix.grid().groupColumns();
    int[] packed = new int[Math.multiplyExact(groups, words)];
    for (int row = 0; row < matrix.rows(); row++) {
      for (int group = 0; group < groups; group++) {
        packed[group * words + row / IN_WORD] |= -matrix.least(row, group) << shift(row);
      }
    }
    ModulesByInputs.write(packed, words, out);
  }

  private static int shift(int row) {
    return PLACES[row % IN_WORD] * ModulesByInputs.BITS;
  }

  @Override
  public Optional<Map<String, Object>> quantization(List<Held> held) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("quant_method", "awq");
    config.put("bits", ModulesByInputs.BITS);
    config.put("group_size", ModulesByInputs.width(held));
    config.put("zero_point", true);
    config.put("version", "gemm");
    return Optional.of(config);
  }
}
