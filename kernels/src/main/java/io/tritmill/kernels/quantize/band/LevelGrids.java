package io.tritmill.kernels.quantize.band;

import io.tritmill.kernels.code.Grid;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.StoredScale;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.fit.GroupFit;
import io.tritmill.kernels.quantize.fit.ThreePlanes;
import io.tritmill.kernels.quantize.fit.TwoPlanes;
import io.tritmill.kernels.simd.LaneSteps;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Arrays;

/** Grids of planes with scales of their own. */
final class LevelGrids extends RowGrids {
  private final int planes;
  private final int levels;
  private final float[] scales; // (groups, planes, rows)
  private final float[] thresholds; // (groups, levels, rows)
  private final float[] values; // (groups, levels, rows)
  private final byte[] codes; // (groups, levels, rows, planes)
  private final GroupFit fit;
  private final Grid grid;
  private final float[] sorted;

  LevelGrids(PlaneLayout layout, int rows, int groups) {
    super(rows);
    planes = layout.planes();
    levels = planes == 2 ? 4 : Grid.MOST_LEVELS;
    scales = new float[Math.multiplyExact(groups * planes, rows)];
    thresholds = new float[Math.multiplyExact(groups * levels, rows)];
    values = new float[thresholds.length];
    codes = new byte[Math.multiplyExact(thresholds.length, planes)];
    fit = planes == 2 ? new TwoPlanes(1, 1) : new ThreePlanes(1, 0);
    grid = new Grid(layout);
    sorted = new float[planes];
  }

  private LevelGrids(LevelGrids other) {
    super(other.rows);
    planes = other.planes;
    levels = other.levels;
    scales = other.scales.clone();
    thresholds = other.thresholds.clone();
    values = other.values.clone();
    codes = other.codes.clone();
    fit = other.fit;
    grid = other.grid;
    sorted = other.sorted;
  }

  @Override
  void fit(int group, Matrix slice, Quantizer rounding, LayerInputs inputs) {
    TritPlanes quantized = rounding.quantize(slice, inputs).planes();
    float[] found = new float[planes];
    for (int row = 0; row < rows; row++) {
      for (int plane = 0; plane < planes; plane++) {
        found[plane] = quantized.scale(row, 0, plane);
      }
      setScales(group, row, found);
    }
  }

  @Override
  public void nearest(
      int group, int firstLane, int lanes, float[] w, int at, float[] into, int to) {
    int from = group * levels * rows + firstLane;
    LaneSteps.nearestLevel(lanes, w, at, levels, thresholds, values, from, rows, into, to);
  }

  @Override
  public int directions() {
    return planes;
  }

  @Override
  public float scale(int group, int direction, int row) {
    return scales[(group * planes + direction) * rows + row];
  }

  @Override
  public void codes(int group, int direction, float[] from, int at, float[] into, int codesAt) {
    for (int row = 0; row < rows; row++) {
      float level = from[at + row];
      float magnitude = Math.abs(level);
      int code = 0;
      for (int k = 0; k < levels; k++) {
        int entry = (group * levels + k) * rows + row;
        if (magnitude > thresholds[entry]) {
          code = codes[entry * planes + direction];
        }
      }
      into[codesAt + row] = level < 0 ? -code : code;
    }
  }

  @Override
  public void setScales(int group, int row, float[] given) {
    for (int plane = 0; plane < planes; plane++) {
      sorted[plane] = -Math.abs(given[plane]);
    }
    Arrays.sort(sorted);
    for (int plane = 0; plane < planes; plane++) {
      sorted[plane] = -sorted[plane];
      scales[(group * planes + plane) * rows + row] = sorted[plane];
    }
    fit.levels(grid.take(sorted), grid);
    for (int k = 0; k < levels; k++) {
      int entry = (group * levels + k) * rows + row;
      boolean used = k < grid.levels();
      thresholds[entry] = used ? grid.threshold(k) : Float.POSITIVE_INFINITY;
      float value = 0;
      for (int plane = 0; plane < planes; plane++) {
        byte trit = used ? grid.trit(plane, k) : 0;
        codes[entry * planes + plane] = trit;
        value += sorted[plane] * trit;
      }
      values[entry] = value;
    }
  }

  @Override
  public float stored(int group, int direction, int row, double wanted) {
    return Math.abs(wanted) < StoredScale.MOST ? StoredScale.of(wanted, 0) : Float.NaN;
  }

  @Override
  public RowGrids copy() {
    return new LevelGrids(this);
  }

  @Override
  void takeRows(int row, RowGrids other) {
    LevelGrids source = (LevelGrids) other;
    copyRows(row, other.rows, source.scales, scales, scales.length / rows, 1);
    copyRows(row, other.rows, source.thresholds, thresholds, values.length / rows, 1);
    copyRows(row, other.rows, source.values, values, values.length / rows, 1);
    copyRows(row, other.rows, source.codes, codes, values.length / rows, planes);
  }

  @Override
  void takeRow(RowGrids other, int row) {
    LevelGrids source = (LevelGrids) other;
    for (int at = row; at < scales.length; at += rows) {
      scales[at] = source.scales[at];
    }
    for (int at = row; at < values.length; at += rows) {
      thresholds[at] = source.thresholds[at];
      values[at] = source.values[at];
      System.arraycopy(source.codes, at * planes, codes, at * planes, planes);
    }
  }

  @Override
  void describe(int group, int row, Grid into) {
    for (int plane = 0; plane < planes; plane++) {
      sorted[plane] = scale(group, plane, row);
    }
    fit.levels(into.take(sorted), into);
  }
}
