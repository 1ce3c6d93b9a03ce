package io.tritmill.jobs.export;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.kernels.carrier.IntegerGrid;
import io.tritmill.kernels.carrier.ScaledIntegers;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Trits with one scale a matrix as BitNet is published: four rows to a byte, a quarter of all rows
 * apart, the first in its lowest bits.
 *
 * <p>Modules round their inputs to 8 bits as they run, so that what is computed is near what the
 * run computes, and not the same.
 */
final class BitnetFormat implements CheckpointFormat {
  private static final int PER_BYTE = 4;
  private static final String TYPE = "trits";

  @Override
  public String name() {
    return "bitnet";
  }

  @Override
  public String opened() {
    return PlainFormat.OPENED;
  }

  @Override
  public boolean ofEveryModule() {
    return true;
  }

  @Override
  public boolean roundsInputs() {
    return true;
  }

  @Override
  public List<Held> hold(List<Layer> layers) {
    return layers.stream().map(BitnetFormat::hold).toList();
  }

  private static Held hold(Layer layer) {
    if (!layer.name().endsWith(".weight") || Tables.isTable(layer)) {
      return PlainWeights.holdExactly(layer, "the format holds linear modules alone");
    }
    Optional<IntegerGrid> grid = layer.grid();
    if (grid.isEmpty() || grid.get().high() > 1 || grid.get().low() < -1) {
      throw refused(layer, "its levels are no trits times a scale");
    }
    if (layer.rows() % PER_BYTE != 0) {
      throw refused(layer, "4 does not divide its %d rows".formatted(layer.rows()));
    }
    requireOneScale(layer);
    return new Held(layer, TYPE, null, 0, tensors(layer));
  }

  private static void requireOneScale(Layer layer) {
    ScaledIntegers matrix = layer.integers();
    int groups = Math.ceilDiv(matrix.columns(), matrix.grid().groupColumns());
    float first = matrix.scale(0, 0);
    for (int row = 0; row < matrix.rows(); row++) {
      for (int group = 0; group < groups; group++) {
        if (matrix.scale(row, group) != first) {
          throw refused(layer, "it has more than one scale");
        }
      }
    }
  }

  private static BadInputException refused(Layer layer, String why) {
    return BadInputException.unsupported(
        "%s: cannot be exported to bitnet: %s; compress with one plane and group: tensor, or export"
            + " to gguf:auto",
        layer.name(), why);
  }

  private static List<ExportedTensor> tensors(Layer layer) {
    long byteRows = layer.rows() / PER_BYTE;
    long columns = layer.columns();
    List<ExportedTensor> tensors = new ArrayList<>();
    tensors.add(
        new ExportedTensor(
            layer.name(),
            "U8",
            List.of(byteRows, columns),
            byteRows * columns,
            out -> trits(layer.integers(), out)));
    tensors.add(
        new ExportedTensor(
            layer.module() + ".weight_scale",
            DType.F32.name(),
            List.of(1L),
            DType.F32.bytes(),
            out -> scale(layer.integers(), out)));
    return tensors;
  }

  private static void trits(ScaledIntegers matrix, OutputStream out) throws IOException {
    int byteRows = matrix.rows() / PER_BYTE;
    int first = matrix.grid().low() + 1;
    byte[] trits = new byte[matrix.columns()];
    byte[] line = new byte[matrix.columns()];
    for (int r = 0; r < byteRows; r++) {
      Arrays.fill(line, (byte) 0);
      for (int quarter = 0; quarter < PER_BYTE; quarter++) {
        matrix.codes(r + quarter * byteRows, trits);
        for (int c = 0; c < line.length; c++) {
          line[c] |= (byte) (trits[c] + first << 2 * quarter);
        }
      }
      out.write(line);
    }
  }

  private static void scale(ScaledIntegers matrix, OutputStream out) throws IOException {
    byte[] bytes = new byte[DType.F32.bytes()];
    DType.F32.encode(new float[] {matrix.scale(0, 0)}, 0, bytes, 0, 1);
    out.write(bytes);
  }

  @Override
  public Optional<Map<String, Object>> quantization(List<Held> held) {
    List<String> plain = new ArrayList<>(List.of("lm_head"));
    held.stream()
        .filter(one -> !one.type().equals(TYPE))
        .map(one -> one.layer().module())
        .filter(module -> !plain.contains(module))
        .forEach(plain::add);
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("quant_method", "bitnet");
    config.put("linear_class", "autobitlinear");
    config.put("quantization_mode", "offline");
    config.put("modules_to_not_convert", plain);
    return Optional.of(config);
  }
}
