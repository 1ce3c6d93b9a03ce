package io.tritmill.kernels.pack;

import io.tritmill.kernels.quantize.Group;
import io.tritmill.kernels.quantize.PlaneLayout;
import io.tritmill.kernels.quantize.TritPlanes;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.Objects;

/**
 * Trit-planes as stored: five trits a byte and half-precision scales.
 *
 * <p>Each plane is one run over all rows that begins at a byte and is padded at its end with zero
 * trits. So planes packed band by band may be joined, plane by plane, when every band but the last
 * holds a multiple of five weights.
 *
 * <p>A byte of trits that stands for none is found when it is decoded.
 *
 * @param rows rows
 * @param columns columns
 * @param layout planes, groups and tie
 * @param trits (planes, bytes of a plane), see {@link FiveTrits}
 * @param scales little-endian IEEE half, (scale rows, groups, scales of a group)
 */
public record PackedTensor(int rows, int columns, PlaneLayout layout, byte[] trits, byte[] scales)
    implements WeightRows {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if the arrays do not fit the shape, a scale is NaN or
   *     infinite, or a plane is padded with something else than zero trits
   */
  public PackedTensor {
    if (rows < 0 || columns < 1) {
      throw new IllegalArgumentException(
          "A tensor has at least 0 rows and 1 column, found %d x %d".formatted(rows, columns));
    }
    long plane = FiveTrits.bytes((long) rows * columns);
    if (trits.length != layout.planes() * plane) {
      throw new IllegalArgumentException(
          "%d planes of %d x %d trits need %d bytes, found %d"
              .formatted(layout.planes(), rows, columns, layout.planes() * plane, trits.length));
    }
    long expected = 2L * layout.scales(rows, columns);
    if (scales.length != expected) {
      throw new IllegalArgumentException(
          "The scales of %d x %d in groups of %s need %d bytes, found %d"
              .formatted(rows, columns, layout.group(), expected, scales.length));
    }
    requireFinite(scales);
    requirePadding(trits, layout.planes(), (int) plane, (long) rows * columns);
  }

  /** Packs planes; {@link #unpack} gives them back. */
  public static PackedTensor of(TritPlanes planes) {
    int weights = planes.rows() * planes.columns();
    int bytes = (int) FiveTrits.bytes(weights);
    int count = planes.layout().planes();
    byte[] trits = new byte[Math.multiplyExact(count, bytes)];
    for (int plane = 0; plane < count; plane++) {
      FiveTrits.pack(planes.trits()[plane], 0, weights, trits, plane * bytes);
    }
    return new PackedTensor(
        planes.rows(), planes.columns(), planes.layout(), trits, scaleBytes(planes));
  }

  /** The scales of planes as stored: little-endian IEEE half. */
  public static byte[] scaleBytes(TritPlanes planes) {
    float[] scales = planes.scales();
    byte[] bytes = new byte[Math.multiplyExact(2, scales.length)];
    DType.F16.encode(scales, 0, bytes, 0, scales.length);
    return bytes;
  }

  /** The planes that were packed. */
  public TritPlanes unpack() {
    int weights = Math.multiplyExact(rows, columns);
    byte[][] planes = new byte[layout.planes()][weights];
    for (int plane = 0; plane < planes.length; plane++) {
      FiveTrits.unpack(trits, plane * planeBytes(), 0, weights, planes[plane], 0);
    }
    float[] values = new float[scales.length / 2];
    DType.F16.decode(scales, 0, values, 0, values.length);
    return new TritPlanes(rows, columns, layout, planes, values);
  }

  /** Bits of trits and scales, padding included. */
  public long bits() {
    return 8L * (trits.length + scales.length);
  }

  /** Bits of trits and scales, padding included, over the number of weights. */
  public double bitsPerWeight() {
    return (double) bits() / ((double) rows * columns);
  }

  private int planeBytes() {
    return trits.length / layout.planes();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if a byte of trits is above 242; the message says which
   */
  @Override
  public void decode(int firstRow, int count, float[] into, int at) {
    Objects.checkFromIndexSize(firstRow, count, rows);
    Objects.checkFromIndexSize((long) at, (long) count * columns, into.length);
    int perRow = layout.group().perRow(columns) * layout.scalesPerGroup();
    float[] rowScales = new float[perRow];
    byte[][] rowTrits = new byte[layout.planes()][columns];
    boolean shared = layout.group().kind() == Group.Kind.TENSOR;
    for (int row = firstRow; row < firstRow + count; row++) {
      DType.F16.decode(scales, shared ? 0 : 2 * row * perRow, rowScales, 0, perRow);
      for (int plane = 0; plane < rowTrits.length; plane++) {
        FiveTrits.unpack(
            trits, plane * planeBytes(), (long) row * columns, columns, rowTrits[plane], 0);
      }
      decodeRow(rowTrits, rowScales, into, at + (row - firstRow) * columns);
    }
  }

  /** Adds the products in the order of the planes, as {@link TritPlanes#decode} does. */
  private void decodeRow(byte[][] rowTrits, float[] rowScales, float[] into, int at) {
    int width = layout.group().width(columns);
    int perGroup = layout.scalesPerGroup();
    for (int begin = 0, scale = 0; begin < columns; begin += width, scale += perGroup) {
      int length = Math.min(width, columns - begin);
      for (int plane = 0; plane < rowTrits.length; plane++) {
        float factor =
            layout.tied() ? rowScales[scale] * layout.factor(plane) : rowScales[scale + plane];
        if (plane == 0) {
          multiply(factor, rowTrits[plane], begin, length, into, at + begin);
        } else {
          multiplyAdd(factor, rowTrits[plane], begin, length, into, at + begin);
        }
      }
    }
  }

  private static void multiply(
      float scale, byte[] trits, int from, int length, float[] into, int at) {
    for (int i = 0; i < length; i++) {
      into[at + i] = scale * trits[from + i];
    }
  }

  private static void multiplyAdd(
      float scale, byte[] trits, int from, int length, float[] into, int at) {
    for (int i = 0; i < length; i++) {
      into[at + i] += scale * trits[from + i];
    }
  }

  private static void requireFinite(byte[] scales) {
    for (int i = 1; i < scales.length; i += 2) {
      if ((scales[i] & 0x7c) == 0x7c) {
        throw new IllegalArgumentException(
            "Scale %d is NaN or infinite, expected a finite half".formatted(i / 2));
      }
    }
  }

  private static void requirePadding(byte[] trits, int planes, int planeBytes, long weights) {
    int used = (int) (weights % FiveTrits.PER_BYTE);
    if (used == 0) {
      return;
    }
    int padding = 0;
    int power = 1;
    for (int i = 0; i < FiveTrits.PER_BYTE; i++, power *= 3) {
      padding += i < used ? 0 : power;
    }
    int modulus = (int) Math.pow(3, used);
    for (int plane = 1; plane <= planes; plane++) {
      int last = plane * planeBytes - 1;
      if ((trits[last] & 0xff) / modulus * modulus != padding) {
        throw new IllegalArgumentException(
            "Byte %d ends plane %d and is %d, expected zero trits after its first %d"
                .formatted(last, plane - 1, trits[last] & 0xff, used));
      }
    }
  }
}
