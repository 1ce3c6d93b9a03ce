package io.tritmill.kernels.quantize.band;

import io.tritmill.kernels.code.BlockLevels;
import io.tritmill.kernels.code.Grid;
import io.tritmill.kernels.code.IntegerLevels;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.UnusableWeightException;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.tensor.Matrix;

/**
 * The levels that weights may take, for every group of a band of rows, with the rows side by side.
 *
 * <p>A level is a sum of scales times codes: one scale and an integer, or a scale and a trit for
 * each plane. What the codes are can be told from a level, so that solvers keep levels alone.
 */
public abstract sealed class RowGrids permits IntegerGrids, LevelGrids, BlockGrids {
  final int rows;

  RowGrids(int rows) {
    this.rows = rows;
  }

  /** Grids without levels, for the rounding of the method. */
  static RowGrids of(Quantizer rounding, int rows, int groups) {
    return switch (rounding.levels()) {
      case PlaneLayout layout when !layout.tied() && layout.planes() > 1 ->
          new LevelGrids(layout, rows, groups);
      case PlaneLayout layout -> IntegerGrids.ofPlanes(layout, rows, groups);
      case IntegerLevels levels -> IntegerGrids.ofIntegers(levels, rows, groups);
      case BlockLevels levels -> new BlockGrids(levels, rows, groups);
    };
  }

  /**
   * Fits the grids of one group.
   *
   * @param slice the group's columns of all rows, {@link #span} of them
   * @param firstRow the row of the matrix given to the rounding that is row 0 here
   */
  final void fit(int group, Matrix slice, Quantizer rounding, int firstRow, LayerInputs inputs) {
    try {
      fit(group, slice, rounding, inputs);
    } catch (UnusableWeightException e) {
      throw new UnusableWeightException(firstRow + e.row(), e.reason());
    }
  }

  /**
   * Fits the grids of one group.
   *
   * @throws UnusableWeightException if a row cannot be fitted, which it calls by its number here
   */
  abstract void fit(int group, Matrix slice, Quantizer rounding, LayerInputs inputs);

  /**
   * How many columns, from a group's first on, are looked at when it is fitted.
   *
   * @param width columns of the group
   */
  int span(int group, int width) {
    return width;
  }

  /** The level nearest to each of the weights of one column. */
  public abstract void nearest(
      int group, int firstLane, int lanes, float[] w, int at, float[] into, int to);

  /** Scales of a group. */
  public abstract int directions();

  /** One of the scales of a group. */
  public abstract float scale(int group, int direction, int row);

  /**
   * What a scale is multiplied by in the levels of one column.
   *
   * @param levels a level of each row, from at on
   * @param codes a code of each row
   */
  public abstract void codes(
      int group, int direction, float[] levels, int at, float[] codes, int codesAt);

  /**
   * Sets the scales of one row's group, such as can be stored.
   *
   * <p>Those of planes may come in any order and with any sign: the grid's own are their magnitudes
   * in descending order, which make the same levels.
   */
  public abstract void setScales(int group, int row, float[] scales);

  /** A copy that changes by itself. */
  public abstract RowGrids copy();

  /** Takes all rows of other grids of this kind, the first of them as a row of these. */
  abstract void takeRows(int row, RowGrids other);

  /**
   * Takes numbers that lie by groups, or levels of groups, with rows side by side.
   *
   * @param width numbers of a row
   */
  final void copyRows(int row, int otherRows, Object from, Object into, int count, int width) {
    for (int i = 0; i < count; i++) {
      System.arraycopy(
          from, i * otherRows * width, into, (i * rows + row) * width, otherRows * width);
    }
  }

  /** Takes one row of other grids of this kind. */
  abstract void takeRow(RowGrids other, int row);

  /** Writes the scales and the levels of one row's group into a grid that can emit trits. */
  abstract void describe(int group, int row, Grid grid);

  /** The scale nearest to a wanted one that can be stored in its place; NaN where there is none. */
  public abstract float stored(int group, int direction, int row, double wanted);
}
