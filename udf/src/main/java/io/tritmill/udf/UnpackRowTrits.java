package io.tritmill.udf;

import io.tritmill.kernels.code.FiveTrits;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.tensor.DType;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * {@code unpack_row_trits(trits, scales, counts, rows, columns, planes, group)}: the weights of a
 * packed matrix whose rows have 1 to {@code planes} tied planes each.
 *
 * <p>{@code counts} holds two bits for each row. A plane is a run of bytes over the rows that have
 * it, five trits a byte; {@code scales} are half-precision numbers, (rows, groups). Plain loops
 * over the definition of the format, as in {@link UnpackTrits}.
 */
public final class UnpackRowTrits extends KernelFunction<ArrayData> {
  private static final long serialVersionUID = 1L;

  UnpackRowTrits() {
    super(
        "unpack_row_trits",
        "trits binary, scales binary, counts binary, rows int, columns int, planes int,"
            + " group string",
        "array<float>",
        "the weights that tied trit-planes stand for whose number differs from row to row");
  }

  /** Called by Spark, which answers null by itself when a number is null. */
  public static ArrayData invoke(
      byte[] trits,
      byte[] scales,
      byte[] counts,
      int rows,
      int columns,
      int planes,
      UTF8String group) {
    if (trits == null || scales == null || counts == null || group == null) {
      return null;
    }
    if (rows < 1 || columns < 1 || planes < 1) {
      throw new IllegalArgumentException(
          "rows, columns and planes are %d, %d and %d, expected 1 or more"
              .formatted(rows, columns, planes));
    }
    Group sharing = Group.parse(group.toString());
    int groups = sharing.perRow(columns);
    UnpackTrits.check("counts", counts, (rows + 3) / 4);
    UnpackTrits.check("scales", scales, Math.multiplyExact(2, Math.multiplyExact(rows, groups)));
    float[] stored = new float[scales.length / 2];
    DType.F16.decode(scales, 0, stored, 0, stored.length);
    float[] into = new float[Math.multiplyExact(rows, columns)];
    int begin = 0;
    int factor = (int) Math.pow(3, planes - 1);
    for (int least = planes; least >= 1; least--, factor /= 3) {
      int next = 0;
      for (int row = 0; row < rows; row++) {
        if ((counts[row / 4] >> 2 * (row % 4) & 3) < least) {
          continue;
        }
        for (int column = 0; column < columns; column++, next++) {
          float scale = stored[row * groups + column / sharing.width(columns)];
          into[row * columns + column] += UnpackTrits.trit(trits, begin, next) * scale * factor;
        }
      }
      begin += Math.toIntExact(FiveTrits.bytes(next));
    }
    UnpackTrits.check("trits", trits, begin);
    return ArrayData.toArrayData(into);
  }
}
