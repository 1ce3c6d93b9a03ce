package io.tritmill.udf;

import io.tritmill.kernels.code.FiveTrits;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.tensor.DType;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * {@code unpack_trits(trits, scales, rows, columns, planes, group, tied)}: the weights of a packed
 * band, row by row.
 *
 * <p>{@code trits} holds one run of bytes for each plane, five trits a byte; the band's first trit
 * is the first of its byte, and what follows its last is not looked at. {@code scales} are
 * half-precision numbers, (rows or 1, groups, planes or 1); with one more for each group, the last
 * is the shift of its weights. Plain loops over the definition of the format, on purpose: what
 * compression packed and evaluation reads with fast code is checked here by another way.
 */
public final class UnpackTrits extends KernelFunction<ArrayData> {
  private static final long serialVersionUID = 1L;

  UnpackTrits() {
    super(
        "unpack_trits",
        "trits binary, scales binary, rows int, columns int, planes int, group string,"
            + " tied boolean",
        "array<float>",
        "the weights that trit-planes stand for; group is a number of columns, row or tensor");
  }

  /** Called by Spark, which answers null by itself when a number or the flag is null. */
  public static ArrayData invoke(
      byte[] trits,
      byte[] scales,
      int rows,
      int columns,
      int planes,
      UTF8String group,
      boolean tied) {
    if (trits == null || scales == null || group == null) {
      return null;
    }
    if (rows < 1 || columns < 1) {
      throw new IllegalArgumentException(
          "rows and columns are %d and %d, expected 1 or more".formatted(rows, columns));
    }
    PlaneLayout plain = new PlaneLayout(planes, Group.parse(group.toString()), tied);
    int weights = Math.multiplyExact(rows, columns);
    int planeBytes = Math.toIntExact(FiveTrits.bytes(weights));
    check("trits", trits, Math.multiplyExact(planes, planeBytes));
    PlaneLayout layout = withScales(plain, scales, rows, columns);

    float[] stored = new float[scales.length / 2];
    DType.F16.decode(scales, 0, stored, 0, stored.length);
    float[] into = new float[weights];
    for (int plane = 0; plane < planes; plane++) {
      for (int i = 0; i < weights; i++) {
        int trit = trit(trits, plane * planeBytes, i);
        int scale = group(layout, i / columns, i % columns, columns) + (tied ? 0 : plane);
        into[i] += trit * stored[scale] * layout.factor(plane);
      }
    }
    for (int i = 0; layout.shifted() && i < weights; i++) {
      int last = layout.scalesPerGroup() - 1;
      into[i] += stored[group(layout, i / columns, i % columns, columns) + last];
    }
    return ArrayData.toArrayData(into);
  }

  /** The layout, shifted where there is one more scale for each group. */
  private static PlaneLayout withScales(PlaneLayout plain, byte[] scales, int rows, int columns) {
    long expected = 2 * plain.scales(rows, columns);
    if (scales.length != expected && plain.group().kind() != Group.Kind.TENSOR) {
      PlaneLayout shifted = plain.withShift();
      if (scales.length == 2 * shifted.scales(rows, columns)) {
        return shifted;
      }
    }
    check("scales", scales, expected);
    return plain;
  }

  /** Trit i of the plane that begins at a byte: digit i mod 5 of its byte in base 3, less one. */
  static int trit(byte[] trits, int planeBegin, int i) {
    int position = planeBegin + i / FiveTrits.PER_BYTE;
    if (position >= trits.length) {
      throw new IllegalArgumentException(
          "trits has %d bytes, expected more than %d".formatted(trits.length, position));
    }
    int value = Byte.toUnsignedInt(trits[position]);
    if (value >= 243) {
      throw new IllegalArgumentException(
          "trits[%d] is %d, expected at most 242".formatted(position, value));
    }
    for (int digit = i % FiveTrits.PER_BYTE; digit > 0; digit--) {
      value /= 3;
    }
    return value % 3 - 1;
  }

  /** Where the scales of a weight's group begin. */
  private static int group(PlaneLayout layout, int row, int column, int columns) {
    Group group = layout.group();
    int scaleRow = group.kind() == Group.Kind.TENSOR ? 0 : row;
    int ordinal = scaleRow * group.perRow(columns) + column / group.width(columns);
    return ordinal * layout.scalesPerGroup();
  }

  static void check(String name, byte[] bytes, long expected) {
    if (bytes.length != expected) {
      throw new IllegalArgumentException(
          "%s has %d bytes, expected %d".formatted(name, bytes.length, expected));
    }
  }
}
