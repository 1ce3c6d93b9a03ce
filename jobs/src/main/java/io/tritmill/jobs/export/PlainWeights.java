package io.tritmill.jobs.export;

import io.tritmill.kernels.code.PackedMatrix;
import io.tritmill.kernels.quantize.ReconstructionError;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.EncodedRows;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** A matrix as decoded weights, some rows at a time. */
final class PlainWeights {
  private static final int AT_ONCE = 1 << 18;

  private PlainWeights() {}

  /**
   * Holds it so.
   *
   * @param reason why; null where there is nothing to tell
   */
  static Held hold(Layer layer, DType type, String reason) {
    return hold(layer, type, reason, error(layer, type));
  }

  private static Held hold(Layer layer, DType type, String reason, double error) {
    return new Held(layer, type.name(), reason, error, List.of(tensor(layer, type)));
  }

  /** In the first of BF16, F16 and F32 that is exact, as F32 always is. */
  static Held holdExactly(Layer layer, String reason) {
    for (DType type : List.of(DType.BF16, DType.F16)) {
      if (error(layer, type) == 0) {
        return hold(layer, type, reason, 0);
      }
    }
    return hold(layer, DType.F32, reason, 0);
  }

  private static ExportedTensor tensor(Layer layer, DType type) {
    List<Long> shape = List.of((long) layer.rows(), (long) layer.columns());
    long bytes = (long) layer.rows() * layer.columns() * type.bytes();
    return new ExportedTensor(
        layer.name(), type.name(), shape, bytes, out -> write(layer.read(), type, out));
  }

  private static void write(PackedMatrix matrix, DType type, OutputStream out) throws IOException {
    int step = Math.max(1, AT_ONCE / matrix.columns());
    float[] values = new float[step * matrix.columns()];
    byte[] encoded = new byte[values.length * type.bytes()];
    for (int row = 0; row < matrix.rows(); row += step) {
      int rows = Math.min(step, matrix.rows() - row);
      int count = rows * matrix.columns();
      matrix.decode(row, rows, values, 0);
      type.encode(values, 0, encoded, 0, count);
      out.write(encoded, 0, count * type.bytes());
    }
  }

  private static double error(Layer layer, DType type) {
    if (type == DType.F32) {
      return 0;
    }
    PackedMatrix matrix = layer.read();
    int step = Math.max(1, AT_ONCE / matrix.columns());
    ReconstructionError error = ReconstructionError.NONE;
    for (int row = 0; row < matrix.rows(); row += step) {
      int rows = Math.min(step, matrix.rows() - row);
      int count = rows * matrix.columns();
      float[] values = new float[count];
      matrix.decode(row, rows, values, 0);
      byte[] encoded = new byte[count * type.bytes()];
      type.encode(values, 0, encoded, 0, count);
      byte[] exact = new byte[count * Float.BYTES];
      DType.F32.encode(values, 0, exact, 0, count);
      error =
          error.plus(
              ReconstructionError.of(
                  new EncodedRows(rows, matrix.columns(), DType.F32, exact),
                  new EncodedRows(rows, matrix.columns(), type, encoded)));
    }
    return error.relative();
  }
}
