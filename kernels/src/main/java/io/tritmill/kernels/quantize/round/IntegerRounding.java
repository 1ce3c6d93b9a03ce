package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.Grid;
import io.tritmill.kernels.code.TiedLevels;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.band.BandSweep;
import io.tritmill.kernels.quantize.band.IntegerMethod;
import io.tritmill.kernels.quantize.fit.IntegerFit;
import io.tritmill.kernels.simd.LaneSteps;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Arrays;

/** Plain rounding to the integers that a fit allows. */
final class IntegerRounding {
  private IntegerRounding() {}

  /** Fits and rounds every group of every row for itself. */
  static TritPlanes quantize(IntegerMethod method, Matrix band) {
    TritPlanes planes = method.levels().zeros(band.rows(), band.columns());
    TiedLevels levels = new TiedLevels(method.levels().planes());
    Grid grid = new Grid(method.levels());
    int columns = band.columns();
    int width = method.levels().group().width(columns);
    IntegerFit fit = method.integerFit(width);
    float[] rounded = new float[band.values().length];
    float[][] lanes = new float[4][width];
    int scale = 0;
    for (int row = 0; row < band.rows(); row++) {
      BandSweep.requireFinite(band, row);
      grid.row(row);
      for (int begin = 0; begin < columns; begin += width) {
        int at = row * columns + begin;
        int length = Math.min(width, columns - begin);
        fit.fit(band.values(), at, length, row);
        Arrays.fill(lanes[0], fit.scale());
        Arrays.fill(lanes[1], fit.scale() > 0 ? 1 / fit.scale() : 0);
        Arrays.fill(lanes[2], fit.low());
        Arrays.fill(lanes[3], fit.high());
        LaneSteps.nearestInteger(
            length, band.values(), at, lanes[0], lanes[1], lanes[2], lanes[3], 0, rounded, at);
        levels.append(grid.begin(new double[] {fit.scale()}, 0)[0], grid);
        grid.storeScales(planes.scales(), scale++);
        grid.emit(rounded, at, length, planes.trits());
      }
    }
    return planes;
  }
}
