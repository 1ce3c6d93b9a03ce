package io.tritmill.jobs.tensor;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import io.tritmill.kernels.tensor.QuarterRows;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.List;
import java.util.Optional;

/**
 * A matrix of trits and one scale, four rows to a byte, as BitNet is published: of {@code 4 n} rows
 * byte row {@code r} holds rows {@code r}, {@code r + n}, {@code r + 2 n} and {@code r + 3 n}, the
 * first in the lowest two bits, each as one more than its trit. It is read as single precision.
 *
 * @param scale one number of a type of weights
 * @param divides whether trits are divided by the scale, where others are multiplied
 */
record PackedTrits(TensorInfo scale, boolean divides) implements ByRows {
  private static final long serialVersionUID = 1L;

  private static final int PER_BYTE = 4;

  /**
   * The matrix that packed bytes hold.
   *
   * @param packed (n, columns) bytes, neither of the sizes 0
   */
  static TensorInfo of(TensorInfo packed, TensorInfo scale, boolean divides) {
    return new TensorInfo(
        packed.name(),
        packed.dtype(),
        List.of(Math.multiplyExact(PER_BYTE, packed.rows()), packed.columns()),
        packed.file(),
        packed.offset(),
        packed.bytes(),
        new PackedTrits(scale, divides));
  }

  @Override
  public Optional<Encoding> encoding(String stored) {
    return Optional.of(DType.F32);
  }

  @Override
  public boolean ternary() {
    return true;
  }

  @Override
  public String facts() {
    return divides ? "\ndivided" : "\nmultiplied";
  }

  @Override
  public Optional<TensorInfo> companion() {
    return Optional.of(scale);
  }

  @Override
  public List<TensorInfo> parts(TensorInfo tensor) {
    TensorInfo packed =
        new TensorInfo(
            tensor.name(),
            tensor.dtype(),
            List.of(tensor.rows() / PER_BYTE, tensor.columns()),
            tensor.file(),
            tensor.offset(),
            tensor.bytes());
    return List.of(packed, scale);
  }

  @Override
  public void rows(TensorInfo tensor, Source stored, long first, int rows, byte[] into, int at) {
    int columns = Math.toIntExact(tensor.columns());
    long byteRows = tensor.rows() / PER_BYTE;
    float[] values = values(stored);
    float[] row = new float[columns];
    for (int done = 0; done < rows; ) {
      long from = (first + done) % byteRows;
      int shift = 2 * (int) ((first + done) / byteRows);
      int count = (int) Math.min(rows - done, byteRows - from);
      byte[] bytes = new byte[Math.multiplyExact(count, columns)];
      stored.read(tensor, from * columns, bytes, 0, bytes.length);
      for (int r = 0; r < count; r++) {
        for (int c = 0; c < columns; c++) {
          int code = bytes[r * columns + c] >> shift & 3;
          if (code == 3) {
            throw refused(tensor, first + done + r, c);
          }
          row[c] = values[code];
        }
        DType.F32.encode(row, 0, into, at + (done + r) * columns * Float.BYTES, columns);
      }
      done += count;
    }
  }

  @Override
  public Optional<WeightRows> held(TensorInfo tensor, Source stored) {
    int columns = Math.toIntExact(tensor.columns());
    int byteRows = Math.toIntExact(tensor.rows() / PER_BYTE);
    byte[] bytes = new byte[Math.multiplyExact(byteRows, columns)];
    stored.read(tensor, 0, bytes, 0, bytes.length);
    for (int row = 0; row < PER_BYTE * byteRows; row++) {
      int shift = 2 * (row / byteRows);
      int from = row % byteRows * columns;
      for (int c = 0; c < columns; c++) {
        if ((bytes[from + c] >> shift & 3) == 3) {
          throw refused(tensor, row, c);
        }
      }
    }
    return Optional.of(new QuarterRows(PER_BYTE * byteRows, columns, bytes, values(stored)[2]));
  }

  @Override
  public long heldBytes(TensorInfo tensor) {
    return tensor.bytes() + Float.BYTES;
  }

  /** What the codes 0 to 2 mean. */
  private float[] values(Source stored) {
    DType type = DType.of(scale.dtype()).orElseThrow();
    byte[] bytes = new byte[type.bytes()];
    stored.read(scale, 0, bytes, 0, bytes.length);
    float[] one = new float[1];
    type.decode(bytes, 0, one, 0, 1);
    float step = divides ? 1 / one[0] : one[0];
    return new float[] {-step, 0, step};
  }

  private static BadInputException refused(TensorInfo tensor, long row, int column) {
    return BadInputException.broken(
        "%s: tensor %s has the code 3 in row %d, column %d, expected 0 to 2, which are trits; is the"
            + " download complete?",
        tensor.file(), Printable.of(tensor.name()), row, column);
  }
}
