package io.tritmill.jobs.tensor;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A matrix of integers as GPTQ has it: inputs by outputs, so that what is a row to us is a column
 * there, several inputs in a 32-bit word, the first in its lowest bits. A weight is its code less
 * the zero point of its group, times the group's scale. It is read as single precision.
 *
 * <p>Any rows take a pass over the whole matrix, so that it is better read at once.
 *
 * @param words the codes, (columns * bits / 32, rows)
 * @param scales (groups, rows), of a type of weights
 * @param zeros (groups, rows * bits / 32): zero points
 * @param groups (columns): the group of each input; empty where groups follow one another
 * @param bits 2, 4 or 8
 * @param added what zero points are less than they mean: 1 in the first version of the layout
 */
record GptqIntegers(
    TensorInfo words,
    TensorInfo scales,
    TensorInfo zeros,
    List<TensorInfo> groups,
    int bits,
    int added)
    implements ByRows {
  private static final long serialVersionUID = 1L;

  /** Stored bytes that are read at once, unless a stored row has more. */
  private static final int MOST_BYTES = 8 << 20;

  /**
   * The matrix of a name; empty where the shapes do not agree.
   *
   * @param words of two dimensions, neither of them 0
   */
  static Optional<TensorInfo> of(
      String name,
      TensorInfo words,
      TensorInfo scales,
      TensorInfo zeros,
      Optional<TensorInfo> groups,
      int bits,
      int added) {
    int perWord = Integer.SIZE / bits;
    long rows = words.columns();
    long columns = Math.multiplyExact(words.rows(), (long) perWord);
    boolean fits =
        scales.shape().size() == 2
            && scales.columns() == rows
            && scales.rows() > 0
            && columns % scales.rows() == 0
            && zeros.shape().equals(List.of(scales.rows(), Math.ceilDiv(rows, perWord)))
            && groups.map(of -> of.shape().equals(List.of(columns))).orElse(true)
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
            new GptqIntegers(words, scales, zeros, groups.stream().toList(), bits, added)));
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
    return Stream.concat(Stream.of(scales, zeros), groups.stream()).toList();
  }

  @Override
  public String facts() {
    return "\ngptq %d %d".formatted(bits, added);
  }

  @Override
  public List<TensorInfo> parts(TensorInfo tensor) {
    return Stream.concat(Stream.of(words, zeros, scales), groups.stream()).toList();
  }

  @Override
  public void rows(TensorInfo tensor, Source stored, long first, int rows, byte[] into, int at) {
    int all = Math.toIntExact(tensor.rows());
    int columns = Math.toIntExact(tensor.columns());
    int perWord = Integer.SIZE / bits;
    int mask = (1 << bits) - 1;
    int zeroWords = Math.ceilDiv(all, perWord);
    int[] groupOf = groupOf(tensor, stored, columns);
    int[] zero = Numbers.integers(stored, zeros);
    float[] factors = Numbers.read(stored, scales, 0, Math.toIntExact(scales.elements()));
    ByteBuffer target = ByteBuffer.wrap(into).order(ByteOrder.LITTLE_ENDIAN);
    int wordRow = all * Integer.BYTES;
    int most = Math.max(1, MOST_BYTES / wordRow);
    byte[] buffer = new byte[Math.multiplyExact(Math.min(most, columns / perWord), wordRow)];
    ByteBuffer codes = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN);
    for (int begin = 0; begin < columns / perWord; begin += most) {
      int some = Math.min(most, columns / perWord - begin);
      stored.read(words, (long) begin * wordRow, buffer, 0, some * wordRow);
      for (int r = 0; r < rows; r++) {
        int row = (int) first + r;
        for (int w = 0; w < some; w++) {
          int word = codes.getInt(w * wordRow + row * Integer.BYTES);
          for (int i = 0; i < perWord; i++) {
            int column = (begin + w) * perWord + i;
            int group = groupOf[column];
            int origin =
                (zero[group * zeroWords + row / perWord] >>> row % perWord * bits & mask) + added;
            float weight = ((word >>> i * bits & mask) - origin) * factors[group * all + row];
            target.putFloat(at + (r * columns + column) * Float.BYTES, weight);
          }
        }
      }
    }
  }

  @Override
  public void requireSound(TensorInfo tensor, Source stored) {
    Numbers.requireFinite(stored, scales);
  }

  private int[] groupOf(TensorInfo tensor, Source stored, int columns) {
    int count = Math.toIntExact(scales.rows());
    int[] groupOf = new int[columns];
    if (groups.isEmpty()) {
      for (int c = 0; c < columns; c++) {
        groupOf[c] = c / (columns / count);
      }
      return groupOf;
    }
    groupOf = Numbers.integers(stored, groups.getFirst());
    for (int c = 0; c < columns; c++) {
      if (groupOf[c] < 0 || groupOf[c] >= count) {
        throw BadInputException.broken(
            "%s: tensor %s has %d for input %d, expected one of the %d groups of %s; is the"
                + " download complete?",
            groups.getFirst().file(),
            Printable.of(groups.getFirst().name()),
            groupOf[c],
            c,
            count,
            Printable.of(tensor.name()));
      }
    }
    return groupOf;
  }
}
