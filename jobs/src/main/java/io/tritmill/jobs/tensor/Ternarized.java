package io.tritmill.jobs.tensor;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.kernels.simd.Simd;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import io.tritmill.kernels.tensor.QuarterRows;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.List;
import java.util.Optional;
import java.util.function.ObjIntConsumer;

/**
 * Weights of single or half precision that become trits as they are read, as BitNet b1.58 does with
 * those that it trains (arXiv:2402.17764):
 *
 * <pre>
 * a = max(mean |W|, 1e-5)     w = a clamp(round(W / a), -1, 1), halves to the even one
 * </pre>
 */
enum Ternarized implements ByRows {
  BY_MEAN;

  private static final int PER_BYTE = 4;

  /** Bytes of rows that are read at once, unless a row has more. */
  private static final int MOST_BYTES = 8 << 20;

  @Override
  public Optional<Encoding> encoding(String stored) {
    return Optional.of(DType.F32);
  }

  @Override
  public boolean ternary() {
    return true;
  }

  /** The mean is that of all rows. */
  @Override
  public boolean wholeAtOnce() {
    return true;
  }

  @Override
  public String facts() {
    return "\nternarized";
  }

  @Override
  public List<TensorInfo> parts(TensorInfo tensor) {
    return List.of(tensor.undressed());
  }

  @Override
  public void rows(TensorInfo tensor, Source stored, long first, int rows, byte[] into, int at) {
    int columns = Math.toIntExact(tensor.columns());
    float inverse = inverse(tensor, stored);
    each(
        tensor,
        stored,
        Math.toIntExact(first),
        rows,
        (row, r) -> {
          for (int c = 0; c < columns; c++) {
            row[c] = trit(row[c], inverse) / inverse;
          }
          int to = at + (r - (int) first) * columns * Float.BYTES;
          DType.F32.encode(row, 0, into, to, columns);
        });
  }

  @Override
  public Optional<WeightRows> held(TensorInfo tensor, Source stored) {
    int rows = Math.toIntExact(tensor.rows());
    int columns = Math.toIntExact(tensor.columns());
    if (rows % PER_BYTE != 0) {
      return Optional.empty();
    }
    float inverse = inverse(tensor, stored);
    int byteRows = rows / PER_BYTE;
    byte[] bytes = new byte[Math.multiplyExact(byteRows, columns)];
    each(
        tensor,
        stored,
        0,
        rows,
        (row, r) -> {
          int shift = 2 * (r / byteRows);
          int to = r % byteRows * columns;
          for (int c = 0; c < columns; c++) {
            bytes[to + c] |= (byte) ((int) trit(row[c], inverse) + 1 << shift);
          }
        });
    return Optional.of(new QuarterRows(rows, columns, bytes, 1 / inverse));
  }

  @Override
  public long heldBytes(TensorInfo tensor) {
    return tensor.rows() % PER_BYTE == 0
        ? tensor.elements() / PER_BYTE + Float.BYTES
        : tensor.readBytes();
  }

  private static float trit(float weight, float inverse) {
    return Math.clamp((float) Math.rint(weight * inverse), -1, 1);
  }

  /** What weights are multiplied by, 1 / a. */
  private static float inverse(TensorInfo tensor, Source stored) {
    int rows = Math.toIntExact(tensor.rows());
    int columns = Math.toIntExact(tensor.columns());
    double[] sum = new double[1];
    each(
        tensor,
        stored,
        0,
        rows,
        (row, r) -> {
          int none = Simd.firstNonFinite(row, 0, columns);
          if (none >= 0) {
            throw BadInputException.broken(
                "%s: tensor %s has %s in row %d, column %d, expected finite weights; was the training"
                    + " stable and the download complete?",
                tensor.file(), Printable.of(tensor.name()), row[none], r, none);
          }
          for (float weight : row) {
            sum[0] += Math.abs(weight);
          }
        });
    return (float) (1 / Math.max(sum[0] / rows / columns, 1e-5));
  }

  /** Hands out stored rows, each in the same array, with their number. */
  private static void each(
      TensorInfo tensor, Source stored, int first, int rows, ObjIntConsumer<float[]> consumer) {
    DType type = DType.of(tensor.dtype()).orElseThrow();
    int columns = Math.toIntExact(tensor.columns());
    int rowBytes = Math.multiplyExact(columns, type.bytes());
    int most = Math.max(1, MOST_BYTES / rowBytes);
    byte[] bytes = new byte[Math.multiplyExact(Math.min(most, rows), rowBytes)];
    float[] row = new float[columns];
    for (int done = 0; done < rows; done += most) {
      int some = Math.min(most, rows - done);
      stored.read(tensor, (long) (first + done) * rowBytes, bytes, 0, some * rowBytes);
      for (int r = 0; r < some; r++) {
        type.decode(bytes, r * rowBytes, row, 0, columns);
        consumer.accept(row, first + done + r);
      }
    }
  }
}
