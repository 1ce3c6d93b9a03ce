package io.tritmill.jobs.export;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.kernels.carrier.IntegerGrid;
import io.tritmill.kernels.carrier.ScaledIntegers;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Symmetric integers of 4 bits in the first layout of GPTQ: inputs by outputs, eight inputs in a
 * 32-bit word, zero points stored less one.
 *
 * <p>All modules have groups of one width.
 */
final class GptqFormat implements CheckpointFormat {
  private static final int BITS = 4;
  private static final int IN_WORD = Integer.SIZE / BITS;
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
    List<Held> held = new ArrayList<>();
    for (Layer layer : layers) {
      if (Tables.isTable(layer)) {
        held.add(PlainWeights.holdExactly(layer, "the format holds linear modules alone"));
        continue;
      }
      IntegerGrid grid =
          layer
              .grid()
              .orElseThrow(() -> refused(layer, "its levels are no integers times a scale"));
      grid.refusal(-ZERO, ZERO - 1, layer.columns(), IN_WORD)
          .ifPresent(
              why -> {
                throw refused(layer, "gptq of 4 bits " + why);
              });
      if (layer.rows() % IN_WORD != 0 || layer.columns() % grid.groupColumns() != 0) {
        throw refused(layer, "8 does not divide its rows, or groups do not divide its columns");
      }
      held.add(new Held(layer, "int4", null, 0, tensors(layer, grid)));
    }
    TreeSet<Integer> widths = new TreeSet<>();
    held.stream().filter(one -> one.type().equals("int4")).forEach(one -> widths.add(width(one)));
    if (widths.size() > 1) {
      throw BadInputException.unsupported(
          "groups have the widths %s, but gptq has one for the whole model; use"
              + " compressed-tensors",
          widths);
    }
    return held;
  }

  /** The width of a module's groups; -1 for rows. */
  private static int width(Held held) {
    int width = held.layer().grid().orElseThrow().groupColumns();
    return width == held.layer().columns() ? -1 : width;
  }

  private static BadInputException refused(Layer layer, String why) {
    return BadInputException.unsupported(
        "%s: cannot be exported to gptq: %s; use compressed-tensors, which leaves such a matrix"
            + " plain",
        layer.name(), why);
  }

  private static List<ExportedTensor> tensors(Layer layer, IntegerGrid grid) {
    long rows = layer.rows();
    long columns = layer.columns();
    long groups = columns / grid.groupColumns();
    List<ExportedTensor> tensors = new ArrayList<>();
    tensors.add(
        new ExportedTensor(
            layer.module() + ".qweight",
            "I32",
            List.of(columns / IN_WORD, rows),
            columns / IN_WORD * rows * Integer.BYTES,
            out -> codes(layer.integers(), out)));
    tensors.add(
        new ExportedTensor(
            layer.module() + ".qzeros",
            "I32",
            List.of(groups, rows / IN_WORD),
            groups * rows / IN_WORD * Integer.BYTES,
            out -> zeros(groups * rows / IN_WORD, out)));
    tensors.add(
        new ExportedTensor(
            layer.module() + ".scales",
            "F16",
            List.of(groups, rows),
            groups * rows * DType.F16.bytes(),
            out -> scales(layer.integers(), out)));
    tensors.add(
        new ExportedTensor(
            layer.module() + ".g_idx",
            "I32",
            List.of(columns),
            columns * Integer.BYTES,
            out -> indices(layer.columns(), grid.groupColumns(), out)));
    return tensors;
  }

  private static ByteBuffer buffer(long bytes) {
    return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void codes(ScaledIntegers matrix, OutputStream out) throws IOException {
    int rows = matrix.rows();
    int words = matrix.columns() / IN_WORD;
    int[] packed = new int[Math.multiplyExact(words, rows)];
    short[] integers = new short[matrix.columns()];
    for (int row = 0; row < rows; row++) {
      matrix.integers(row, integers);
      for (int c = 0; c < integers.length; c++) {
        packed[c / IN_WORD * rows + row] |= integers[c] + ZERO << c % IN_WORD * BITS;
      }
    }
    ByteBuffer line = buffer((long) rows * Integer.BYTES);
    for (int word = 0; word < words; word++) {
      line.clear();
      line.asIntBuffer().put(packed, word * rows, rows);
      out.write(line.array());
    }
  }

  private static void zeros(long words, OutputStream out) throws IOException {
    byte[] word = new byte[Integer.BYTES];
    Arrays.fill(word, (byte) (ZERO - 1 | ZERO - 1 << BITS));
    for (long i = 0; i < words; i++) {
      out.write(word);
    }
  }

  private static void scales(ScaledIntegers matrix, OutputStream out) throws IOException {
    int groups = matrix.columns() / matrix.grid().groupColumns();
    float[] scales = new float[matrix.rows()];
    byte[] line = new byte[scales.length * DType.F16.bytes()];
    for (int group = 0; group < groups; group++) {
      for (int row = 0; row < scales.length; row++) {
        scales[row] = matrix.scale(row, group);
      }
      DType.F16.encode(scales, 0, line, 0, scales.length);
      out.write(line);
    }
  }

  private static void indices(int columns, int width, OutputStream out) throws IOException {
    ByteBuffer line = buffer((long) columns * Integer.BYTES);
    for (int c = 0; c < columns; c++) {
      line.putInt(c / width);
    }
    out.write(line.array());
  }

  @Override
  public Optional<Map<String, Object>> quantization(List<Held> held) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("quant_method", "gptq");
    config.put("bits", BITS);
    config.put(
        "group_size",
        held.stream()
            .filter(one -> one.type().equals("int4"))
            .findFirst()
            .map(GptqFormat::width)
            .orElse(-1));
    config.put("desc_act", false);
    config.put("sym", true);
    config.put("checkpoint_format", "gptq");
    config.put("pack_dtype", "int32");
    return Optional.of(config);
  }
}
