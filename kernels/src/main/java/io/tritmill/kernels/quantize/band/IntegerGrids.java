package io.tritmill.kernels.quantize.band;

import io.tritmill.kernels.code.Grid;
import io.tritmill.kernels.code.IntegerLevels;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.StoredScale;
import io.tritmill.kernels.code.TiedLevels;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.fit.IntegerFit;
import io.tritmill.kernels.simd.LaneSteps;
import io.tritmill.kernels.tensor.Matrix;

/** Grids of integers times one scale, the range of integers free to differ from row to row. */
final class IntegerGrids extends RowGrids {
  // (groups, rows) each
  private final float[] scale;
  private final float[] inverse;
  private final float[] low;
  private final float[] high;
  private final TiedLevels levels; // of trits; null where codes are the integers themselves

  private final IntegerLevels integers; // where codes are the integers themselves, else null

  private IntegerGrids(int rows, int groups, TiedLevels levels, IntegerLevels integers) {
    super(rows);
    this.levels = levels;
    this.integers = integers;
    int size = Math.multiplyExact(groups, rows);
    scale = new float[size];
    inverse = new float[size];
    low = new float[size];
    high = new float[size];
  }

  /** Of integers that are codes themselves. */
  static IntegerGrids ofIntegers(IntegerLevels levels, int rows, int groups) {
    return new IntegerGrids(rows, groups, null, levels);
  }

  /** Of integers that tied planes, or one plane, stand for. */
  static IntegerGrids ofPlanes(PlaneLayout layout, int rows, int groups) {
    return new IntegerGrids(rows, groups, new TiedLevels(layout.planes()), null);
  }

  private IntegerGrids(IntegerGrids other) {
    super(other.rows);
    scale = other.scale.clone();
    inverse = other.inverse.clone();
    low = other.low.clone();
    high = other.high.clone();
    levels = other.levels;
    integers = other.integers;
  }

  @Override
  void fit(int group, Matrix slice, Quantizer rounding, LayerInputs inputs) {
    if (rounding instanceof IntegerMethod method) {
      fit(group, slice, method.integerFit(slice.columns()));
    } else {
      fit(group, rounding.quantize(slice, inputs).planes());
    }
  }

  private void fit(int group, TritPlanes quantized) {
    int planes = quantized.layout().planes();
    int top = levels.top();
    for (int row = 0; row < rows; row++) {
      set(group * rows + row, quantized.scale(row, 0, planes - 1), -top, top);
    }
  }

  private void fit(int group, Matrix slice, IntegerFit fit) {
    for (int row = 0; row < rows; row++) {
      fit.fit(slice.values(), row * slice.columns(), slice.columns(), row);
      set(group * rows + row, fit.scale(), fit.low(), fit.high());
    }
  }

  private void set(int at, float s, int from, int to) {
    scale[at] = s;
    inverse[at] = s > 0 ? 1 / s : 0;
    low[at] = from;
    high[at] = to;
  }

  @Override
  public void nearest(
      int group, int firstLane, int lanes, float[] w, int at, float[] into, int to) {
    int grid = group * rows + firstLane;
    LaneSteps.nearestInteger(lanes, w, at, scale, inverse, low, high, grid, into, to);
  }

  @Override
  public int directions() {
    return 1;
  }

  @Override
  public float scale(int group, int direction, int row) {
    return scale[group * rows + row];
  }

  @Override
  public void codes(int group, int direction, float[] levels, int at, float[] codes, int codesAt) {
    int grid = group * rows;
    for (int row = 0; row < rows; row++) {
      codes[codesAt + row] = (float) Math.rint(levels[at + row] * inverse[grid + row]);
    }
  }

  @Override
  public void setScales(int group, int row, float[] scales) {
    int at = group * rows + row;
    scale[at] = scales[0];
    inverse[at] = scales[0] > 0 ? 1 / scales[0] : 0;
  }

  @Override
  public float stored(int group, int direction, int row, double wanted) {
    if (!(wanted > 0 && wanted < StoredScale.MOST)) {
      return Float.NaN;
    }
    return integers == null
        ? StoredScale.of(wanted, 0)
        : integers.storedScale(wanted, low(group, row), 0);
  }

  /** The smallest integer of a row's group. */
  int low(int group, int row) {
    return (int) low[group * rows + row];
  }

  @Override
  public RowGrids copy() {
    return new IntegerGrids(this);
  }

  @Override
  void takeRows(int row, RowGrids other) {
    IntegerGrids source = (IntegerGrids) other;
    int groups = scale.length / rows;
    copyRows(row, other.rows, source.scale, scale, groups, 1);
    copyRows(row, other.rows, source.inverse, inverse, groups, 1);
    copyRows(row, other.rows, source.low, low, groups, 1);
    copyRows(row, other.rows, source.high, high, groups, 1);
  }

  @Override
  void takeRow(RowGrids other, int row) {
    IntegerGrids source = (IntegerGrids) other;
    for (int at = row; at < scale.length; at += rows) {
      scale[at] = source.scale[at];
      inverse[at] = source.inverse[at];
      low[at] = source.low[at];
      high[at] = source.high[at];
    }
  }

  @Override
  void describe(int group, int row, Grid grid) {
    levels.append(grid.take(scale[group * rows + row])[0], grid);
  }
}
