package io.tritmill.kernels.code;

import java.util.ArrayList;
import java.util.List;

/**
 * A matrix as a sum of ternary planes: w[r, c] = sum over planes p of scale(r, group of c, p) *
 * trit[p][r, c].
 *
 * <p>The products are added in the order of the planes, in float, and the shift of the group, where
 * there is one, last. Scales and shifts are representable as IEEE half, so that packing loses
 * nothing.
 *
 * @param rows rows
 * @param columns columns
 * @param layout planes, groups and tie
 * @param trits plane, then (rows, columns), each -1, 0 or 1; 0 in rows that do not have the plane
 * @param scales (scale rows, groups, scales of a group and its shift): a row each, or one row for a
 *     tensor-wide group
 */
public record TritPlanes(int rows, int columns, PlaneLayout layout, byte[][] trits, float[] scales)
    implements Coded {
  public TritPlanes {
    layout.requireRows(rows);
    if (trits.length != layout.planes()) {
      throw new IllegalArgumentException(
          "Expected %d planes, found %d".formatted(layout.planes(), trits.length));
    }
    for (byte[] plane : trits) {
      if (plane.length != Math.multiplyExact(rows, columns)) {
        throw new IllegalArgumentException(
            "A plane of %d x %d has %d trits".formatted(rows, columns, plane.length));
      }
    }
    if (scales.length != layout.scales(rows, columns)) {
      throw new IllegalArgumentException(
          "Expected %d scales, found %d".formatted(layout.scales(rows, columns), scales.length));
    }
  }

  /** The scale of one plane in one group of a row. */
  public float scale(int row, int group, int plane) {
    int perGroup = layout.scalesPerGroup();
    int scaleRow = layout.group().kind() == Group.Kind.TENSOR ? 0 : row;
    int first = (scaleRow * layout.group().perRow(columns) + group) * perGroup;
    return layout.tied() ? scales[first] * layout.factor(plane) : scales[first + plane];
  }

  /** The shift of a group of a row; only of a layout that has shifts. */
  public float shift(int row, int group) {
    int perGroup = layout.scalesPerGroup();
    return scales[(row * layout.group().perRow(columns) + group + 1) * perGroup - 1];
  }

  /** The same planes with shifts, (rows, groups) of IEEE halves, one for each group. */
  public TritPlanes withShifts(float[] shifts) {
    int perGroup = layout.scalesPerGroup();
    float[] all = new float[scales.length + shifts.length];
    for (int group = 0; group < shifts.length; group++) {
      int at = group * (perGroup + 1);
      System.arraycopy(scales, group * perGroup, all, at, perGroup);
      all[at + perGroup] = shifts[group];
    }
    return new TritPlanes(rows, columns, layout.withShift(), trits, all);
  }

  @Override
  public Levels levels() {
    return layout;
  }

  @Override
  public TritPlanes planes() {
    return this;
  }

  @Override
  public boolean zero(int row, int group) {
    int perGroup = layout.scalesPerGroup();
    int scaleRow = layout.group().kind() == Group.Kind.TENSOR ? 0 : row;
    int first = (scaleRow * layout.group().perRow(columns) + group) * perGroup;
    for (int i = first; i < first + perGroup; i++) {
      if (scales[i] != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public List<TritCounts> tritCounts() {
    List<TritCounts> counts = new ArrayList<>();
    for (int plane = 0; plane < trits.length; plane++) {
      counts.add(TritCounts.of(this, plane));
    }
    return counts;
  }

  @Override
  public void takeRow(Coded from, int row) {
    TritPlanes other = from.planes();
    for (int plane = 0; plane < trits.length; plane++) {
      System.arraycopy(other.trits[plane], row * columns, trits[plane], row * columns, columns);
    }
    int perRow = Math.toIntExact(layout.scales(1, columns));
    System.arraycopy(other.scales, row * perRow, scales, row * perRow, perRow);
  }

  @Override
  public void decode(int firstRow, int count, float[] into, int at) {
    int width = layout.group().width(columns);
    for (int row = firstRow; row < firstRow + count; row++) {
      int first = layout.firstPlane(row);
      for (int begin = 0, group = 0; begin < columns; begin += width, group++) {
        int end = Math.min(begin + width, columns);
        int to = at + (row - firstRow) * columns;
        for (int plane = first; plane < layout.planes(); plane++) {
          float scale = scale(row, group, plane);
          byte[] source = trits[plane];
          for (int c = begin; c < end; c++) {
            float product = scale * source[row * columns + c];
            into[to + c] = plane == first ? product : into[to + c] + product;
          }
        }
        if (layout.shifted()) {
          float shift = shift(row, group);
          for (int c = begin; c < end; c++) {
            into[to + c] += shift;
          }
        }
      }
    }
  }
}
