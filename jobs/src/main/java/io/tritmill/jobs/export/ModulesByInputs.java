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
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What formats share that store linear modules inputs by outputs, four bits a weight, all of them
 * in groups of one width.
 */
final class ModulesByInputs {
  /** Bits of a code. */
  static final int BITS = 4;

  /** Codes in a 32-bit word. */
  static final int IN_WORD = Integer.SIZE / BITS;

  private static final String TYPE = "int4";

  private ModulesByInputs() {}

  /** What formats differ in. */
  interface Form {
    /** Why levels of so many columns are not held; empty where they are. */
    Optional<String> refusal(IntegerGrid grid, int columns);

    /** What is written of a matrix beside its scales. */
    List<ExportedTensor> tensors(Layer layer, IntegerGrid grid);
  }

  /**
   * What becomes of the matrices.
   *
   * @param format named in messages
   * @throws BadInputException if they are not held together
   */
  static List<Held> hold(String format, List<Layer> layers, Form form) {
    List<Held> held = new ArrayList<>();
    for (Layer layer : layers) {
      if (Tables.isTable(layer)) {
        held.add(PlainWeights.holdExactly(layer, "the format holds linear modules alone"));
        continue;
      }
      IntegerGrid grid =
          layer
              .grid()
              .orElseThrow(
                  () -> refused(format, layer, "its levels are no integers times a scale"));
      form.refusal(grid, layer.columns())
          .ifPresent(
              why -> {
                throw refused(format, layer, format + " of 4 bits " + why);
              });
      if (layer.rows() % IN_WORD != 0 || layer.columns() % grid.groupColumns() != 0) {
        throw refused(
            format, layer, "8 does not divide its rows, or groups do not divide its columns");
      }
      List<ExportedTensor> tensors = new ArrayList<>(form.tensors(layer, grid));
      tensors.add(scales(layer, grid));
      held.add(new Held(layer, TYPE, null, 0, tensors));
    }
    TreeSet<Integer> widths = new TreeSet<>();
    held.stream().filter(ModulesByInputs::packed).forEach(one -> widths.add(width(one)));
    if (widths.size() > 1) {
      throw BadInputException.unsupported(
          "groups have the widths %s, but %s has one for the whole model; use compressed-tensors",
          widths, format);
    }
    return held;
  }

  /** The width of all groups; -1 for rows. */
  static int width(List<Held> held) {
    return held.stream()
        .filter(ModulesByInputs::packed)
        .findFirst()
        .map(ModulesByInputs::width)
        .orElse(-1);
  }

  private static boolean packed(Held held) {
    return held.type().equals(TYPE);
  }

  private static int width(Held held) {
    int width = held.layer().grid().orElseThrow().groupColumns();
    return width == held.layer().columns() ? -1 : width;
  }

  private static BadInputException refused(String format, Layer layer, String why) {
    return BadInputException.unsupported(
        "%s: cannot be exported to %s: %s; use compressed-tensors, which leaves such a matrix plain",
        layer.name(), format, why);
  }

  /** A tensor of 32-bit words. */
  static ExportedTensor words(
      Layer layer, String suffix, List<Long> shape, ExportedTensor.Content content) {
    long count = shape.stream().reduce(1L, Math::multiplyExact);
    return new ExportedTensor(
        layer.module() + suffix, "I32", shape, count * Integer.BYTES, content);
  }

  private static ExportedTensor scales(Layer layer, IntegerGrid grid) {
    long rows = layer.rows();
    long groups = layer.columns() / grid.groupColumns();
    return new ExportedTensor(
        layer.module() + ".scales",
        "F16",
        List.of(groups, rows),
        groups * rows * DType.F16.bytes(),
        out -> scales(layer.integers(), out));
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

  /** Writes words, some at a time. */
  static void write(int[] words, int atOnce, OutputStream out) throws IOException {
    ByteBuffer line =
        ByteBuffer.allocate(Math.multiplyExact(atOnce, Integer.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < words.length; at += atOnce) {
      line.clear();
      line.asIntBuffer().put(words, at, atOnce);
      out.write(line.array());
    }
  }
}
