package io.tritmill.kernels.code;

import io.tritmill.kernels.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Trit-planes as stored: five trits a byte and half-precision scales.
 *
 * <p>Each plane is one run over the rows that have it, most often all, that begins at a byte and is
 * padded at its end with zero trits. So planes of all rows packed band by band may be joined, plane
 * by plane, when every band but the last holds a multiple of five weights. Where rows differ in the
 * number of their planes, that number takes two more bits a row, see {@link FourCounts}.
 *
 * <p>A byte of trits that stands for none is found when it is decoded.
 *
 * @param rows rows
 * @param columns columns
 * @param layout planes, groups and tie
 * @param trits plane after plane, see {@link FiveTrits}
 * @param scales little-endian IEEE half, (scale rows, groups, scales of a group)
 */
public record PackedPlanes(int rows, int columns, PlaneLayout layout, byte[] trits, byte[] scales)
    implements PackedMatrix {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if the arrays do not fit the shape, a scale is NaN or
   *     infinite, or a plane is padded with something else than zero trits
   */
  public PackedPlanes {
    if (rows < 0 || columns < 1) {
      throw new IllegalArgumentException(
          "A tensor has at least 0 rows and 1 column, found %d x %d".formatted(rows, columns));
    }
    layout.requireRows(rows);
    long bytes = tritBytes(layout, rows, columns);
    if (trits.length != bytes) {
      throw new IllegalArgumentException(
          "%d planes of %d x %d trits need %d bytes, found %d"
              .formatted(layout.planes(), rows, columns, bytes, trits.length));
    }
    long expected = 2L * layout.scales(rows, columns);
    if (scales.length != expected) {
      throw new IllegalArgumentException(
          "The scales of %d x %d in groups of %s need %d bytes, found %d"
              .formatted(rows, columns, layout.group(), expected, scales.length));
    }
    requireFinite(scales);
    requirePadding(trits, layout, rows, columns);
  }

  /**
   * Packs planes; {@link #unpack} gives them back.
   *
   * @throws IllegalArgumentException if a row has trits in a plane that it does not have
   */
  public static PackedPlanes of(TritPlanes planes) {
    PlanePacker builder = new PlanePacker(planes.rows(), planes.columns(), planes.layout());
    builder.add(planes);
    return builder.build();
  }

  /** Bytes of all planes of a matrix. */
  public static long tritBytes(PlaneLayout layout, int rows, int columns) {
    return planeBegin(layout, layout.planes(), rows, columns);
  }

  /** Byte at which a plane begins. */
  static long planeBegin(PlaneLayout layout, int plane, int rows, int columns) {
    long begin = 0;
    for (int p = 0; p < plane; p++) {
      begin += FiveTrits.bytes((long) layout.rowsOf(p, rows) * columns);
    }
    return begin;
  }

  /** The scales as floats. */
  public float[] scaleValues() {
    float[] values = new float[scales.length / 2];
    DType.F16.decode(scales, 0, values, 0, values.length);
    return values;
  }

  /** The planes that were packed. */
  public TritPlanes unpack() {
    byte[][] planes = new byte[layout.planes()][Math.multiplyExact(rows, columns)];
    for (int plane = 0; plane < planes.length; plane++) {
      for (int row = 0; row < rows; row++) {
        unpackRow(plane, row, planes[plane], row * columns);
      }
    }
    return new TritPlanes(rows, columns, layout, planes, scaleValues());
  }

  /**
   * Writes the trits of a row in one plane; zeros where it does not have the plane.
   *
   * @param into receives (columns), from at on
   */
  public void unpackRow(int plane, int row, byte[] into, int at) {
    if (layout.firstPlane(row) > plane) {
      Arrays.fill(into, at, at + columns, (byte) 0);
      return;
    }
    int origin = (int) planeBegin(layout, plane, rows, columns);
    long first = (long) layout.rowsBefore(plane, row) * columns;
    FiveTrits.unpack(trits, origin, first, columns, into, at);
  }

  /** The numbers of planes of the rows as stored; no bytes where all rows have all planes. */
  public byte[] counts() {
    return layout.byRow() ? FourCounts.pack(layout.counts()) : new byte[0];
  }

  @Override
  public Levels levels() {
    return layout;
  }

  @Override
  public List<byte[]> pieces() {
    return layout.byRow() ? List.of(trits, scales, counts()) : List.of(trits, scales);
  }

  @Override
  public ScaleStatistics scaleStatistics() {
    return ScaleStatistics.of(scaleValues(), layout);
  }

  @Override
  public void requireCodes() {
    FiveTrits.requireCodes(trits);
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
      int first = layout.firstPlane(row);
      for (int plane = first; plane < rowTrits.length; plane++) {
        unpackRow(plane, row, rowTrits[plane], 0);
      }
      decodeRow(first, rowTrits, rowScales, into, at + (row - firstRow) * columns);
    }
  }

  /** Adds the products in the order of the planes, as {@link TritPlanes#decode} does. */
  private void decodeRow(int first, byte[][] rowTrits, float[] rowScales, float[] into, int at) {
    int width = layout.group().width(columns);
    int perGroup = layout.scalesPerGroup();
    for (int begin = 0, scale = 0; begin < columns; begin += width, scale += perGroup) {
      int length = Math.min(width, columns - begin);
      for (int plane = first; plane < rowTrits.length; plane++) {
        float factor =
            layout.tied() ? rowScales[scale] * layout.factor(plane) : rowScales[scale + plane];
        if (plane == first) {
          multiply(factor, rowTrits[plane], begin, length, into, at + begin);
        } else {
          multiplyAdd(factor, rowTrits[plane], begin, length, into, at + begin);
        }
      }
      if (layout.shifted()) {
        add(rowScales[scale + perGroup - 1], length, into, at + begin);
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

  private static void add(float shift, int length, float[] into, int at) {
    for (int i = 0; i < length; i++) {
      into[at + i] += shift;
    }
  }

  static void requireFinite(byte[] scales) {
    for (int i = 1; i < scales.length; i += 2) {
      if ((scales[i] & 0x7c) == 0x7c) {
        throw new IllegalArgumentException(
            "Scale %d is NaN or infinite, expected a finite half".formatted(i / 2));
      }
    }
  }

  private static void requirePadding(byte[] trits, PlaneLayout layout, int rows, int columns) {
    for (int plane = 0; plane < layout.planes(); plane++) {
      int used = (int) ((long) layout.rowsOf(plane, rows) * columns % FiveTrits.PER_BYTE);
      int last = (int) planeBegin(layout, plane + 1, rows, columns) - 1;
      if (used > 0 && FiveTrits.padding(trits[last], used) != 0) {
        throw new IllegalArgumentException(
            "Byte %d ends plane %d and is %d, expected zero trits after its first %d"
                .formatted(last, plane, trits[last] & 0xff, used));
      }
    }
  }
}
