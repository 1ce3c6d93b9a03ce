package io.tritmill.kernels.quantize.band;

import io.tritmill.kernels.code.BlockLevels;
import io.tritmill.kernels.code.Grid;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.fit.BlockSearch;
import io.tritmill.kernels.simd.LaneSteps;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.SuperBlock;
import java.util.Arrays;

/**
 * Grids of runs of blocks: integers times one scale, less a least value where the type has them.
 *
 * <p>A block's own scales are fitted together with its first run, to all weights of the block as
 * they are by then. Every run is fitted again as it is reached, among the multiples of these; one
 * that is a block has scales of its own. Where there are inputs, errors of columns count by the
 * squares of theirs.
 */
final class BlockGrids extends RowGrids {
  private final BlockLevels levels;
  private final int runs;
  private final BlockSearch search;
  private final SuperBlock block = new SuperBlock();
  // (groups, rows) each
  private final float[] scale;
  private final float[] inverse;
  private final float[] least;
  private final float[] low;
  private final float[] high;
  // (blocks, rows) each
  private final float[] step;
  private final float[] leastStep;

  BlockGrids(BlockLevels levels, int rows, int groups) {
    super(rows);
    this.levels = levels;
    runs = levels.runs();
    search = new BlockSearch(levels);
    int size = Math.multiplyExact(groups, rows);
    scale = new float[size];
    inverse = new float[size];
    least = new float[size];
    low = new float[size];
    high = new float[size];
    Arrays.fill(low, -levels.zero());
    Arrays.fill(high, levels.top() - levels.zero());
    step = new float[size / runs];
    leastStep = new float[size / runs];
  }

  private BlockGrids(BlockGrids other) {
    super(other.rows);
    levels = other.levels;
    runs = other.runs;
    search = new BlockSearch(levels);
    scale = other.scale.clone();
    inverse = other.inverse.clone();
    least = other.least.clone();
    low = other.low;
    high = other.high;
    step = other.step.clone();
    leastStep = other.leastStep.clone();
  }

  @Override
  int span(int group, int width) {
    return group % runs == 0 ? levels.block() : width;
  }

  @Override
  void fit(int group, Matrix slice, Quantizer rounding, LayerInputs inputs) {
    float[] importance = importance(inputs, group / runs * levels.block());
    for (int row = 0; row < rows; row++) {
      int at = row * slice.columns();
      int own = group / runs * rows + row;
      if (group % runs == 0) {
        search.fit(slice.values(), at, importance, row);
        SuperBlock found = search.found();
        step[own] = found.scale;
        leastStep[own] = found.leastScale;
        for (int run = 0; run < runs; run++) {
          set((group + run) * rows + row, own, found.scales[run], found.leasts[run]);
        }
      } else {
        gather(group / runs, row, block);
        int run = group % runs;
        search.refit(run, slice.values(), at, importance, block);
        set(group * rows + row, own, block.scales[run], block.leasts[run]);
      }
    }
  }

  /** Of a block's columns: how large their inputs are; null where nothing is known of them. */
  private float[] importance(LayerInputs inputs, int first) {
    if (inputs.statistics() == null || inputs.statistics().gram() == null) {
      return null;
    }
    Matrix gram = inputs.statistics().gram();
    float[] squares = new float[levels.block()];
    for (int i = 0; i < squares.length; i++) {
      squares[i] = gram.values()[(first + i) * gram.columns() + first + i];
    }
    return squares;
  }

  private void set(int at, int own, int multiple, int leastMultiple) {
    scale[at] = step[own] * multiple;
    inverse[at] = scale[at] == 0 ? 0 : 1 / scale[at];
    least[at] = leastStep[own] * leastMultiple;
  }

  private void gather(int number, int row, SuperBlock into) {
    int own = number * rows + row;
    into.scale = step[own];
    into.leastScale = leastStep[own];
    for (int run = 0; run < runs; run++) {
      int at = (number * runs + run) * rows + row;
      into.scales[run] = multiple(scale[at], step[own]);
      into.leasts[run] = multiple(least[at], leastStep[own]);
    }
  }

  private static int multiple(float of, float step) {
    return step == 0 ? 0 : Math.round(of / step);
  }

  /** Writes a row's block with the codes of its levels. */
  void describe(int row, int number, float[] byRow, int at, SuperBlock into) {
    gather(number, row, into);
    search.code(byRow, at, into);
  }

  @Override
  public void nearest(
      int group, int firstLane, int lanes, float[] w, int at, float[] into, int to) {
    int grid = group * rows + firstLane;
    if (!levels.hasLeast()) {
      LaneSteps.nearestInteger(lanes, w, at, scale, inverse, low, high, grid, into, to);
      return;
    }
    for (int lane = 0; lane < lanes; lane++) {
      into[to + lane] = w[at + lane] + least[grid + lane];
    }
    LaneSteps.nearestInteger(lanes, into, to, scale, inverse, low, high, grid, into, to);
    for (int lane = 0; lane < lanes; lane++) {
      into[to + lane] -= least[grid + lane];
    }
  }

  @Override
  public int directions() {
    return levels.hasLeast() ? 2 : 1;
  }

  @Override
  public float scale(int group, int direction, int row) {
    return (direction == 0 ? scale : least)[group * rows + row];
  }

  @Override
  public void codes(int group, int direction, float[] from, int at, float[] into, int codesAt) {
    if (direction == 1) {
      Arrays.fill(into, codesAt, codesAt + rows, -1);
      return;
    }
    int grid = group * rows;
    for (int row = 0; row < rows; row++) {
      float value = from[at + row] + least[grid + row];
      into[codesAt + row] = (float) Math.rint(value * inverse[grid + row]);
    }
  }

  @Override
  public void setScales(int group, int row, float[] given) {
    int at = group * rows + row;
    scale[at] = given[0];
    inverse[at] = given[0] == 0 ? 0 : 1 / given[0];
    if (levels.hasLeast()) {
      least[at] = given[1];
    }
    if (levels.single()) {
      step[at] = given[0];
      leastStep[at] = given[1];
    }
  }

  @Override
  public float stored(int group, int direction, int row, double wanted) {
    if (levels.single()) {
      float half = Float.float16ToFloat(Float.floatToFloat16((float) wanted));
      boolean held = Float.isFinite(half) && (direction == 1 || half > 0);
      return held ? half : Float.NaN;
    }
    int own = group / runs * rows + row;
    float unit = (direction == 0 ? step : leastStep)[own];
    if (unit == 0) {
      return 0;
    }
    double multiple = Math.rint(wanted / unit);
    int lowest = direction == 0 ? levels.lowestScale() : 0;
    double held = Math.clamp(multiple, lowest, levels.highestScale());
    return direction == 0 && held == 0 ? Float.NaN : (float) (unit * held);
  }

  @Override
  public RowGrids copy() {
    return new BlockGrids(this);
  }

  @Override
  void takeRows(int row, RowGrids other) {
    BlockGrids source = (BlockGrids) other;
    int groups = scale.length / rows;
    copyRows(row, other.rows, source.scale, scale, groups, 1);
    copyRows(row, other.rows, source.inverse, inverse, groups, 1);
    copyRows(row, other.rows, source.least, least, groups, 1);
    copyRows(row, other.rows, source.step, step, groups / runs, 1);
    copyRows(row, other.rows, source.leastStep, leastStep, groups / runs, 1);
  }

  @Override
  void takeRow(RowGrids other, int row) {
    BlockGrids source = (BlockGrids) other;
    for (int at = row; at < scale.length; at += rows) {
      scale[at] = source.scale[at];
      inverse[at] = source.inverse[at];
      least[at] = source.least[at];
    }
    for (int at = row; at < step.length; at += rows) {
      step[at] = source.step[at];
      leastStep[at] = source.leastStep[at];
    }
  }

  @Override
  void describe(int group, int row, Grid grid) {
    throw new IllegalStateException("Blocks are no trits");
  }
}
