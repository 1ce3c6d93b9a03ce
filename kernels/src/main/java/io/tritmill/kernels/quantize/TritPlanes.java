package io.tritmill.kernels.quantize;

import io.tritmill.kernels.tensor.WeightRows;

/**
 * A matrix as a sum of ternary planes: w[r, c] = sum over planes p of scale(r, group of c, p) *
 * trit[p][r, c].
 *
 * <p>The products are added in the order of the planes, in float. Scales are representable as IEEE
 * half, so that packing loses nothing.
 *
 * @param rows rows
 * @param columns columns
 * @param layout planes, groups and tie
 * @param trits plane, then (rows, columns), each -1, 0 or 1; 0 in rows that do not have the plane
 * @param scales (scale rows, groups, scales of a group): a row each, or one row for a tensor-wide
 *     group
 */
public record TritPlanes(int rows, int columns, PlaneLayout layout, byte[][] trits, float[] scales)
    implements WeightRows {
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
      }
    }
  }
}
