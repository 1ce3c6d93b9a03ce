package io.tritmill.kernels.quantize.band;

import io.tritmill.kernels.code.Blocks;
import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.code.Grid;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.IntegerCodes;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.SuperBlock;
import io.tritmill.kernels.tensor.Transpose;
import java.util.Arrays;

/**
 * Some rows of a layer while a solver works on them: their weights, and the levels chosen so far.
 *
 * <p>Columns lie one after the other and rows side by side: {@code levels[column * rows + row]}.
 */
public final class RowBand {
  private final Matrix weight;
  private final int firstRow;
  private final int rows;
  private final Quantizer rounding;
  private final LayerInputs inputs;
  private final boolean[] dead;

  /** (columns, rows): targets before, levels after a solver has run. */
  public final float[] levels;

  public RowGrids grids;

  /**
   * @param weight the band of the layer that was handed in
   * @param firstRow the first of its rows that are worked on
   * @param dead columns whose weights count as zero
   */
  public RowBand(
      Matrix weight,
      int firstRow,
      int rows,
      Quantizer rounding,
      LayerInputs inputs,
      boolean[] dead) {
    this.weight = weight;
    this.firstRow = firstRow;
    this.rows = rows;
    this.rounding = rounding;
    this.inputs = inputs;
    this.dead = dead;
    levels = new float[Math.multiplyExact(weight.columns(), rows)];
    grids = RowGrids.of(rounding, rows, groups());
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return weight.columns();
  }

  public int groupWidth() {
    return rounding.levels().group().width(columns());
  }

  public int groups() {
    return rounding.levels().group().perRow(columns());
  }

  /** Writes the weights, columns one after the other, dead ones as zeros. */
  public void loadTargets(float[] into) {
    int k = columns();
    Transpose.copy(rows, k, weight.values(), firstRow * k, k, into, 0, rows);
    for (int column = 0; column < k; column++) {
      if (dead[column]) {
        Arrays.fill(into, column * rows, (column + 1) * rows, 0);
      }
    }
  }

  /** Fits the grids of a group to weights that lie as {@link #levels} do. */
  public void fit(int group, float[] weights) {
    int begin = group * groupWidth();
    int width = grids.span(group, Math.min(groupWidth(), columns() - begin));
    Matrix slice = Matrix.zeros(rows, width);
    Transpose.copy(width, rows, weights, begin * rows, rows, slice.values(), 0, width);
    grids.fit(group, slice, rounding, firstRow, inputs);
  }

  /** A band of the same rows whose levels and grids are still to be found. */
  public RowBand again() {
    return new RowBand(weight, firstRow, rows, rounding, inputs, dead);
  }

  /** Some of these rows, whose levels and grids are still to be found. */
  public RowBand part(int row, int count) {
    return new RowBand(weight, firstRow + row, count, rounding, inputs, dead);
  }

  /** Takes levels and grids of a part that begins with a row. */
  public void take(int row, RowBand part) {
    grids.takeRows(row, part.grids);
    for (int column = 0; column < columns(); column++) {
      System.arraycopy(part.levels, column * part.rows, levels, column * rows + row, part.rows);
    }
  }

  /** Takes levels and grids of some rows from a band of the same rows. */
  public void takeRows(RowBand other, int[] some) {
    for (int row : some) {
      grids.takeRow(other.grids, row);
    }
    copyRows(some, other.levels, levels);
  }

  /** Copies some rows of (columns, rows) numbers, column after column as they lie. */
  public void copyRows(int[] some, float[] from, float[] into) {
    for (int at = 0; at < into.length; at += rows) {
      for (int row : some) {
        into[at + row] = from[at + row];
      }
    }
  }

  /** Writes codes and scales of these rows. */
  void emit(Coded codes) {
    float[] byRow = new float[Math.multiplyExact(rows, columns())];
    Transpose.copy(columns(), rows, levels, 0, rows, byRow, 0, columns());
    switch (codes) {
      case TritPlanes planes -> emit(byRow, planes);
      case IntegerCodes integers -> emit(byRow, integers);
      case Blocks blocks -> emit(byRow, blocks);
    }
  }

  private void emit(float[] byRow, Blocks blocks) {
    BlockGrids of = (BlockGrids) grids;
    SuperBlock fields = new SuperBlock();
    int width = blocks.levels().block();
    for (int r = 0; r < rows; r++) {
      for (int block = 0; block < columns() / width; block++) {
        of.describe(r, block, byRow, r * columns() + block * width, fields);
        blocks.put(firstRow + r, block, fields);
      }
    }
  }

  private void emit(float[] byRow, IntegerCodes integers) {
    IntegerGrids of = (IntegerGrids) grids;
    for (int r = 0; r < rows; r++) {
      for (int group = 0; group < groups(); group++) {
        int at = r * columns() + group * groupWidth();
        integers.put(firstRow + r, group, of.scale(group, 0, r), of.low(group, r), byRow, at);
      }
    }
  }

  private void emit(float[] byRow, TritPlanes planes) {
    int k = columns();
    int width = groupWidth();
    int perGroup = planes.layout().scalesPerGroup();
    boolean tensor = planes.layout().group().kind() == Group.Kind.TENSOR;
    Grid grid = new Grid(planes.layout());
    byte[][] trits = new byte[planes.layout().planes()][byRow.length];
    for (int r = 0; r < rows; r++) {
      grid.row(firstRow + r);
      for (int begin = 0, group = 0; begin < k; begin += width, group++) {
        grids.describe(group, r, grid);
        int scale = tensor ? 0 : ((firstRow + r) * groups() + group) * perGroup;
        grid.storeScales(planes.scales(), scale);
        grid.emit(byRow, r * k + begin, Math.min(width, k - begin), trits);
      }
    }
    for (int plane = 0; plane < trits.length; plane++) {
      System.arraycopy(trits[plane], 0, planes.trits()[plane], firstRow * k, byRow.length);
    }
  }
}
