package io.tritmill.udf;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.tensor.DType;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * {@code unpack_integers(codes, scales, zeros, rows, columns, bits, group, zero)}: the weights of a
 * packed band, row by row.
 *
 * <p>{@code codes} holds each row from a byte on, the first code in the lowest bits; {@code scales}
 * are half-precision numbers, (rows, groups). Where {@code zero} is -1 each group has its own zero
 * point, packed in {@code zeros} as codes are; else it is the code of zero, and zeros are empty.
 * Plain loops over the definition of the format, on purpose: what compression packed and evaluation
 * reads with fast code is checked here by another way.
 */
public final class UnpackIntegers extends KernelFunction<ArrayData> {
  private static final long serialVersionUID = 1L;

  UnpackIntegers() {
    super(
        "unpack_integers",
        "codes binary, scales binary, zeros binary, rows int, columns int, bits int, group string,"
            + " zero int",
        "array<float>",
        "the weights that integers stand for; group is a number of columns or row, zero -1 for zero"
            + " points of groups");
  }

  /** Called by Spark, which answers null by itself when a number is null. */
  public static ArrayData invoke(
      byte[] codes,
      byte[] scales,
      byte[] zeros,
      int rows,
      int columns,
      int bits,
      UTF8String group,
      int zero) {
    if (codes == null || scales == null || zeros == null || group == null) {
      return null;
    }
    if (rows < 1 || columns < 1 || bits < 2 || bits > 8) {
      throw new IllegalArgumentException(
          "rows, columns and bits are %d, %d and %d, expected 1 or more and 2 to 8 bits"
              .formatted(rows, columns, bits));
    }
    Group shared = Group.parse(group.toString());
    if (shared.kind() == Group.Kind.TENSOR) {
      throw new IllegalArgumentException("group is tensor, expected a number of columns or row");
    }
    int groups = shared.perRow(columns);
    int rowBytes = (int) (((long) columns * bits + 7) / 8);
    int zeroBytes = zero < 0 ? (groups * bits + 7) / 8 : 0;
    UnpackTrits.check("codes", codes, (long) rows * rowBytes);
    UnpackTrits.check("scales", scales, 2L * rows * groups);
    UnpackTrits.check("zeros", zeros, (long) rows * zeroBytes);
    float[] stored = new float[scales.length / 2];
    DType.F16.decode(scales, 0, stored, 0, stored.length);
    float[] into = new float[Math.multiplyExact(rows, columns)];
    for (int i = 0; i < into.length; i++) {
      int row = i / columns;
      int at = i % columns / shared.width(columns);
      int from = zero < 0 ? code(zeros, row * zeroBytes, at, bits) : zero;
      int code = code(codes, row * rowBytes, i % columns, bits);
      into[i] = stored[row * groups + at] * (code - from);
    }
    return ArrayData.toArrayData(into);
  }

  /** Bit after bit. */
  private static int code(byte[] packed, int begin, int index, int bits) {
    int code = 0;
    for (int bit = 0; bit < bits; bit++) {
      long position = (long) index * bits + bit;
      int set = packed[begin + (int) (position / 8)] >>> (int) (position % 8) & 1;
      code |= set << bit;
    }
    return code;
  }
}
