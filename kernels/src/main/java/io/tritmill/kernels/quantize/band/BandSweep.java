package io.tritmill.kernels.quantize.band;

import io.tritmill.kernels.code.Grid;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.code.UnusableWeightException;
import io.tritmill.kernels.simd.Simd;
import io.tritmill.kernels.tensor.Matrix;

/** The walk over the rows and groups of a band, and the planes that come of it. */
public final class BandSweep {
  private BandSweep() {}

  /** Fits every group of every row for itself. */
  public static TritPlanes eachGroup(Matrix band, PlaneLayout layout, GroupRule rule) {
    TritPlanes planes = layout.zeros(band.rows(), band.columns());
    Grid grid = new Grid(layout);
    float[] w = band.values();
    int columns = band.columns();
    int width = layout.group().width(columns);
    int scale = 0;
    for (int row = 0; row < band.rows(); row++) {
      requireFinite(band, row);
      grid.row(row);
      rule.beginRow(w, row * columns, columns);
      for (int begin = 0, group = 0; begin < columns; begin += width, group++) {
        int offset = row * columns + begin;
        int length = Math.min(width, columns - begin);
        grid.oneMagnitude(oneMagnitude(w, offset, length));
        rule.fit(w, offset, length, group, grid);
        grid.storeScales(planes.scales(), scale);
        grid.emit(w, offset, length, planes.trits());
        scale += layout.scalesPerGroup();
      }
    }
    return planes;
  }

  /** Applies one grid, fitted to the whole tensor, to a band of it. */
  public static TritPlanes tensorWide(Matrix band, PlaneLayout layout, Grid grid) {
    TritPlanes planes = layout.zeros(band.rows(), band.columns());
    grid.storeScales(planes.scales(), 0);
    for (int row = 0; row < band.rows(); row++) {
      requireFinite(band, row);
      grid.emit(band.values(), row * band.columns(), band.columns(), planes.trits());
    }
    return planes;
  }

  /** Whether weights are trits times one number: all that are not zero have the same magnitude. */
  public static boolean oneMagnitude(float[] w, int offset, int length) {
    float magnitude = 0;
    for (int i = offset; i < offset + length; i++) {
      float next = Math.abs(w[i]);
      if (next != 0 && next != magnitude) {
        if (magnitude != 0) {
          return false;
        }
        magnitude = next;
      }
    }
    return true;
  }

  public static void requireFinite(Matrix band) {
    for (int row = 0; row < band.rows(); row++) {
      requireFinite(band, row);
    }
  }

  public static void requireFinite(Matrix band, int row) {
    int column = Simd.firstNonFinite(band.values(), row * band.columns(), band.columns());
    if (column >= 0) {
      throw new UnusableWeightException(
          row,
          "found %s in column %d, expected a finite weight"
              .formatted(band.values()[row * band.columns() + column], column));
    }
  }
}
