package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.Blocks;
import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.code.Grid;
import io.tritmill.kernels.code.IntegerCodes;
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

  /** Takes a group that was fitted. */
  private interface Sink {
    void take(int row, int group, IntegerFit fit, float[] rounded, int at, int length);
  }

  /** Fits and rounds every group of every row for itself. */
  static Coded quantize(IntegerMethod method, Matrix band) {
    Coded codes = method.levels().zeros(band.rows(), band.columns());
    Sink sink =
        switch (codes) {
          case TritPlanes planes -> trits(planes);
          case IntegerCodes integers ->
              (row, group, fit, rounded, at, length) ->
                  integers.put(row, group, fit.scale(), fit.low(), rounded, at);
          case Blocks blocks ->
              throw new IllegalStateException("Blocks are rounded to a block at a time");
        };
    run(method, band, sink);
    return codes;
  }

  private static Sink trits(TritPlanes planes) {
    TiedLevels levels = new TiedLevels(planes.layout().planes());
    Grid grid = new Grid(planes.layout());
    int perRow = planes.layout().group().perRow(planes.columns());
    return (row, group, fit, rounded, at, length) -> {
      grid.row(row);
      levels.append(grid.take(fit.scale())[0], grid);
      grid.storeScales(planes.scales(), row * perRow + group);
      grid.emit(rounded, at, length, planes.trits());
    };
  }

  private static void run(IntegerMethod method, Matrix band, Sink sink) {
    int columns = band.columns();
    int width = method.levels().group().width(columns);
    IntegerFit fit = method.integerFit(width);
    float[] rounded = new float[band.values().length];
    float[][] lanes = new float[4][width];
    for (int row = 0; row < band.rows(); row++) {
      BandSweep.requireFinite(band, row);
      for (int begin = 0, group = 0; begin < columns; begin += width, group++) {
        int at = row * columns + begin;
        int length = Math.min(width, columns - begin);
        fit.fit(band.values(), at, length, row);
        Arrays.fill(lanes[0], fit.scale());
        Arrays.fill(lanes[1], fit.scale() > 0 ? 1 / fit.scale() : 0);
        Arrays.fill(lanes[2], fit.low());
        Arrays.fill(lanes[3], fit.high());
        LaneSteps.nearestInteger(
            length, band.values(), at, lanes[0], lanes[1], lanes[2], lanes[3], 0, rounded, at);
        sink.take(row, group, fit, rounded, at, length);
      }
    }
  }
}
