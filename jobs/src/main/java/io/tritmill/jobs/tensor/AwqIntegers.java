package io.tritmill.jobs.tensor;

import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/**
 * A matrix of integers of 4 bits as AutoAWQ has it for products of matrices: inputs by outputs, so
 * that what is a row to us is a column there, eight outputs in a 32-bit word, those of even number
 * in its lower half. A weight is its code less the zero point of its group, times the group's
 * scale. It is read as single precision.
 *
 * <p>Any rows take a pass over the whole matrix, so that it is better read at once.
 *
 * @param words the codes, (columns, rows / 8)
 * @param scales (groups, rows), of a type of weights
 * @param zeros (groups, rows / 8): zero points, packed as codes are
 */
record AwqIntegers(TensorInfo words, TensorInfo scales, TensorInfo zeros) implements ByRows {
  private static final long serialVersionUID = 1L;

  private static final int BITS = 4;
  private static final int IN_WORD = Integer.SIZE / BITS;
  private static final int MASK = (1 << BITS) - 1;

  /** Stored bytes that are read at once, unless a stored row has more. */
  private static final int MOST_BYTES = 8 << 20;

  /**
   * The matrix of a name; empty where the shapes do not agree.
   *
   * @param words of two dimensions, neither of them 0
   */
  static Optional<TensorInfo> of(
      String name, TensorInfo words, TensorInfo scales, TensorInfo zeros) {
    long rows = Math.multiplyExact(words.columns(), (long) IN_WORD);
    long columns = words.rows();
    boolean fits =
        scales.shape().size() == 2
            && scales.columns() == rows
            && scales.rows() > 0
            && columns % scales.rows() == 0
            && zeros.shape().equals(List.of(scales.rows(), words.columns()))
            && columns <= Integer.MAX_VALUE / Float.BYTES
            && rows <= Integer.MAX_VALUE / Float.BYTES
            && scales.bytes() <= Integer.MAX_VALUE / Float.BYTES;
    if (!fits) {
      return Optional.empty();
    }
    return Optional.of(
        new TensorInfo(
            name,
            words.dtype(),
            List.of(rows, columns),
            words.file(),
            words.offset(),
            words.bytes(),
            new AwqIntegers(words, scales, zeros)));
  }

  @Override
  public Optional<Encoding> encoding(String stored) {
    return Optional.of(DType.F32);
  }

  @Override
  public DType keptType(String stored) {
    return DType.F32;
  }

  @Override
  public boolean wholeAtOnce() {
    return true;
  }

  @Override
  public Optional<TensorInfo> companion() {
    return Optional.of(scales);
  }

  @Override
  public List<TensorInfo> sources() {
    return List.of(scales, zeros);
  }

  @Override
  public String facts() {
    return "\nawq";
  }

  @Override
  public List<TensorInfo> parts(TensorInfo tensor) {
    return List.of(words, zeros, scales);
  }

  @Override
  public void rows(TensorInfo tensor, Source stored, long first, int rows, byte[] into, int at) {
    int all = Math.toIntExact(tensor.rows());
    int columns = Math.toIntExact(tensor.columns());
    int perRow = all / IN_WORD;
    int width = columns / Math.toIntExact(scales.rows());
    int[] zero = Numbers.integers(stored, zeros);
    float[] factors = Numbers.read(stored, scales, 0, Math.toIntExact(scales.elements()));
    ByteBuffer target = ByteBuffer.wrap(into).order(ByteOrder.LITTLE_ENDIAN);
    int wordRow = perRow * Integer.BYTES;
    int most = Math.max(1, MOST_BYTES / wordRow);
    byte[] buffer = new byte[Math.multiplyExact(Math.min(most, columns), wordRow)];
    ByteBuffer codes = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN);
    for (int begin = 0; begin < columns; begin += most) {
      int some = Math.min(most, columns - begin);
      stored.read(words, (long) begin * wordRow, buffer, 0, some * wordRow);
      for (int r = 0; r < rows; r++) {
        int row = (int) first + r;
        int word = row / IN_WORD;
        int shift = shift(row);
        for (int c = 0; c < some; c++) {
          int group = (begin + c) / width;
          int code = codes.getInt(c * wordRow + word * Integer.BYTES) >>> shift & MASK;
          int origin = zero[group * perRow + word] >>> shift & MASK;
          float weight = (code - origin) * factors[group * all + row];
          target.putFloat(at + (r * columns + begin + c) * Float.BYTES, weight);
        }
      }
    }
  }

  /** Where in its word an output lies: even ones in the lower half. */
  private static int shift(int row) {
    int number = row % IN_WORD;
    return (number / 2 + number % 2 * IN_WORD / 2) * BITS;
  }

  @Override
  public void requireSound(TensorInfo tensor, Source stored) {
    Numbers.requireFinite(stored, scales);
  }
}
