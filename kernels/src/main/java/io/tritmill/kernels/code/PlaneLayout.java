package io.tritmill.kernels.code;

import java.util.ArrayList;
import java.util.List;

/**
 * What a quantizer returns for a tensor, known from its parameters alone: how many planes, who
 * shares a scale, whether the planes' scales are tied, and whether a group is shifted.
 *
 * <p>The scales of tied planes stand 3:1 or 9:3:1, so that the levels are the integers -4..4 or
 * -13..13 times one stored scale, that of the last plane. Rows may then have fewer planes than the
 * matrix: the first ones, those of large factors, are zero in them and are not stored.
 *
 * <p>The weights of a shifted group are those of its planes plus a number, its shift, which is
 * stored after its scales.
 *
 * @param planes trit-planes, 1 to 3
 * @param group who shares a scale
 * @param tied whether one scale serves all planes of a group
 * @param counts planes of each row; null where all rows have all of them
 * @param shifted whether each group has a shift
 */
public record PlaneLayout(
    int planes, Group group, boolean tied, PlaneCounts counts, boolean shifted) implements Levels {
  /** Appended to the name of a matrix for its trits. */
  public static final String TRITS = ".trits";

  /** Appended to the name of a matrix for its scales. */
  public static final String SCALES = ".scales";

  /** Appended to the name of a matrix for the numbers of planes of its rows. */
  public static final String COUNTS = ".planes";

  public PlaneLayout {
    if (planes < 1 || planes > PlaneCounts.MOST) {
      throw new IllegalArgumentException("planes is 1, 2 or 3, found " + planes);
    }
    if (counts != null
        && (counts.uniform()
            || counts.most() != planes
            || !tied
            || group.kind() == Group.Kind.TENSOR)) {
      throw new IllegalArgumentException(
          "Rows of different counts have up to %d planes, tied, in groups within a row, found %s"
              .formatted(planes, counts + ", tied " + tied + ", group " + group));
    }
    if (shifted && group.kind() == Group.Kind.TENSOR) {
      throw new IllegalArgumentException("A shift is that of a group within a row, found tensor");
    }
  }

  /** A layout in which all rows have all planes and no group is shifted. */
  public PlaneLayout(int planes, Group group, boolean tied) {
    this(planes, group, tied, null, false);
  }

  /** Tied planes of which each row has its own number; the plain layout where all have as many. */
  public static PlaneLayout byRow(PlaneCounts counts, Group group) {
    return new PlaneLayout(counts.most(), group, true, counts.uniform() ? null : counts, false);
  }

  /** The same with shifted groups. */
  public PlaneLayout withShift() {
    return new PlaneLayout(planes, group, tied, counts, true);
  }

  @Override
  public String codeType() {
    return "trits";
  }

  @Override
  public int codeBytes() {
    return planes;
  }

  @Override
  public List<Piece> pieces(int rows, int columns) {
    requireRows(rows);
    long trits = PackedPlanes.tritBytes(this, rows, columns);
    boolean shared = group.kind() == Group.Kind.TENSOR;
    long groups = group.perRow(columns);
    List<Piece> pieces = new ArrayList<>();
    pieces.add(
        byRow()
            ? new Piece(TRITS, "U8", List.of(trits), trits, 1, false)
            : new Piece(TRITS, "U8", List.of((long) planes, trits / planes), trits, planes, false));
    pieces.add(
        new Piece(
            SCALES,
            "F16",
            List.of(shared ? 1L : rows, groups, (long) scalesPerGroup()),
            2 * scales(rows, columns),
            1,
            shared));
    if (byRow()) {
      long counted = FourCounts.bytes(rows);
      pieces.add(new Piece(COUNTS, "U8", List.of(counted), counted, 1, false));
    }
    return pieces;
  }

  @Override
  public TritPlanes zeros(int rows, int columns) {
    return new TritPlanes(
        rows,
        columns,
        this,
        new byte[planes][Math.multiplyExact(rows, columns)],
        new float[Math.toIntExact(scales(rows, columns))]);
  }

  @Override
  public Packer packer(int rows, int columns) {
    return new PlanePacker(rows, columns, this);
  }

  @Override
  public PackedPlanes packed(int rows, int columns, List<byte[]> stored) {
    return new PackedPlanes(rows, columns, this, stored.get(0), stored.get(1));
  }

  /** Whether rows differ in the number of their planes. */
  public boolean byRow() {
    return counts != null;
  }

  /** The first plane that a row has; it also has those after it. */
  public int firstPlane(int row) {
    return byRow() ? planes - counts.of(row) : 0;
  }

  /** Rows of a matrix that have a plane. */
  public int rowsOf(int plane, int rows) {
    return byRow() ? counts.rowsWith(planes - plane) : rows;
  }

  /** Rows before a row that have a plane. */
  public int rowsBefore(int plane, int row) {
    return byRow() ? counts.rowsBefore(row, planes - plane) : row;
  }

  /** Scales stored for a group, and its shift. */
  public int scalesPerGroup() {
    return (tied ? 1 : planes) + (shifted ? 1 : 0);
  }

  /**
   * Scales stored for a band of rows, with the shifts; a band of a tensor-wide group holds the
   * tensor's own.
   */
  public long scales(int rows, int columns) {
    long scaleRows = group.kind() == Group.Kind.TENSOR ? 1 : rows;
    return scaleRows * group.perRow(columns) * scalesPerGroup();
  }

  /** The factor of plane {@code plane} over the stored scale: 3^(planes - 1 - plane) when tied. */
  public int factor(int plane) {
    int factor = 1;
    for (int p = plane; tied && p < planes - 1; p++) {
      factor *= 3;
    }
    return factor;
  }

  /**
   * Refuses a matrix of other rows than those that have been counted.
   *
   * @throws IllegalArgumentException if it has
   */
  public void requireRows(int rows) {
    if (byRow() && counts.rows() != rows) {
      throw new IllegalArgumentException(
          "Planes are known of %d rows, found %d".formatted(counts.rows(), rows));
    }
  }
}
