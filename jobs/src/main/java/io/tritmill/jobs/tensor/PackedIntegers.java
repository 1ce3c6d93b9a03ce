package io.tritmill.jobs.tensor;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A matrix of integers around zero, packed along its rows into 32-bit words, each times the scale
 * of its group of columns, as compressed-tensors has it: a weight is its code less 2^(bits - 1),
 * and the first of a word lies in its lowest bits. It is read as single precision.
 *
 * @param packed the words, (rows, columns * bits / 32)
 * @param scales (rows, groups), of a type of weights
 * @param shape what else belongs to it: rows and columns, as two numbers; empty if not there
 * @param bits 2, 4 or 8
 * @param group columns that share a scale
 */
record PackedIntegers(
    TensorInfo packed, TensorInfo scales, List<TensorInfo> shape, int bits, int group)
    implements ByRows {
  private static final long serialVersionUID = 1L;

  /**
   * The matrix of a name; empty where the shape of the scales does not fit the words.
   *
   * @param packed words, of two dimensions, neither of them 0
   */
  static Optional<TensorInfo> of(
      String name, TensorInfo packed, TensorInfo scales, Optional<TensorInfo> shape, int bits) {
    long columns = Math.multiplyExact(packed.columns(), (long) Integer.SIZE / bits);
    boolean fits =
        scales.shape().size() == 2
            && scales.rows() == packed.rows()
            && scales.columns() > 0
            && columns % scales.columns() == 0
            && columns <= Integer.MAX_VALUE
            && packed.rows() <= Integer.MAX_VALUE;
    if (!fits) {
      return Optional.empty();
    }
    int group = (int) (columns / scales.columns());
    return Optional.of(
        new TensorInfo(
            name,
            packed.dtype(),
            List.of(packed.rows(), columns),
            packed.file(),
            packed.offset(),
            packed.bytes(),
            new PackedIntegers(packed, scales, shape.stream().toList(), bits, group)));
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
  public Optional<TensorInfo> companion() {
    return Optional.of(scales);
  }

  @Override
  public String facts() {
    return "\nintegers " + bits;
  }

  @Override
  public List<TensorInfo> parts(TensorInfo tensor) {
    return Stream.concat(Stream.of(packed, scales), shape.stream()).toList();
  }

  @Override
  public void rows(TensorInfo tensor, Source stored, long first, int rows, byte[] into, int at) {
    int columns = Math.toIntExact(tensor.columns());
    int rowBytes = columns * bits / Byte.SIZE;
    byte[] codes = new byte[Math.multiplyExact(rows, rowBytes)];
    stored.read(packed, first * rowBytes, codes, 0, codes.length);
    int groups = columns / group;
    float[] factors = Numbers.read(stored, scales, first * groups, rows * groups);
    int perByte = Byte.SIZE / bits;
    int mask = (1 << bits) - 1;
    int zero = 1 << bits - 1;
    float[] row = new float[columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        int code = codes[r * rowBytes + c / perByte] >> c % perByte * bits & mask;
        row[c] = (code - zero) * factors[r * groups + c / group];
      }
      DType.F32.encode(row, 0, into, at + r * columns * Float.BYTES, columns);
    }
  }

  @Override
  public void requireSound(TensorInfo tensor, Source stored) {
    Numbers.requireFinite(stored, scales);
    if (shape.isEmpty()) {
      return;
    }
    TensorInfo told = shape.getFirst();
    byte[] bytes = new byte[Math.toIntExact(Math.min(told.bytes(), 2 * Long.BYTES))];
    stored.read(told, 0, bytes, 0, bytes.length);
    LongBuffer two = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    boolean agrees =
        told.dtype().equals("I64")
            && told.elements() == 2
            && two.get(0) == tensor.rows()
            && two.get(1) == tensor.columns();
    if (!agrees) {
      throw BadInputException.broken(
          "%s: tensor %s does not say %d and %d, which the packed integers have; do they belong"
              + " together?",
          told.file(), Printable.of(told.name()), tensor.rows(), tensor.columns());
    }
  }
}
