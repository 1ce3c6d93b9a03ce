package io.tritmill.kernels.quantize.learn;

import io.tritmill.kernels.quantize.SolveReport;
import io.tritmill.kernels.quantize.band.BandSolver;
import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.quantize.band.PlainRounding;
import io.tritmill.kernels.quantize.band.RowBand;
import io.tritmill.kernels.quantize.compensate.GramState;
import io.tritmill.kernels.quantize.compensate.ScaleStep;
import java.util.Arrays;
import java.util.BitSet;

/** Descends in the divisors of weights, and keeps the best levels of every row on the way. */
final class LearnedRounding implements BandSolver {
  /** A weight that every grid rounds to its outermost level. */
  private static final float BEYOND = 1e30f;

  private final Columns columns;
  private final Flexround stage;
  private final BandSolver wrapped;
  private final PlainRounding plain = new PlainRounding();
  private final ScaleStep scales;

  /**
   * @param wrapped makes levels to compare with; null for plain rounding alone
   */
  LearnedRounding(Columns columns, Flexround stage, BandSolver wrapped) {
    this.columns = columns;
    this.stage = stage;
    this.wrapped = wrapped;
    scales = new ScaleStep(columns);
  }

  @Override
  public SolveReport report() {
    SolveReport own = SolveReport.of(stage.damp(), columns.deadCount());
    return wrapped == null ? own : wrapped.report().plus(own);
  }

  @Override
  public void solve(RowBand band) {
    float[] targets = new float[band.levels.length];
    band.loadTargets(targets);
    plain.solve(band);
    GramState best = new GramState(band, targets, columns, stage.damp());
    double[] errors = best.errors();
    learn(best, errors);
    if (wrapped != null) {
      RowBand other = band.again();
      wrapped.solve(other);
      keepBetter(best, errors, new GramState(other, targets, columns, stage.damp()));
    }
  }

  private void learn(GramState best, double[] errors) {
    float[] targets = best.targets;
    int rows = best.band.rows();
    LearnedDivisors ofWeights = new LearnedDivisors(targets.length, stage.rate());
    LearnedDivisors ofRows = new LearnedDivisors(rows, stage.rate());
    float[] quotients = targets.clone();
    float[] slopes = new float[targets.length];
    float[] rowSlopes = new float[rows];
    GramState state = best.copy();
    for (int step = 1; step <= stage.steps(); step++) {
      slopes(state, quotients, slopes, rowSlopes);
      ofWeights.descend(slopes);
      ofRows.descend(rowSlopes);
      for (int at = 0; at < targets.length; at++) {
        quotients[at] = targets[at] / (ofWeights.divisor(at) * ofRows.divisor(at % rows));
      }
      state = rounded(state.band, quotients, targets);
      keepBetter(best, errors, state);
    }
  }

  /** Derivatives of the error in the logarithms of the divisors of weights and of rows. */
  private static void slopes(
      GramState state, float[] quotients, float[] slopes, float[] rowSlopes) {
    RowBand band = state.band;
    int rows = band.rows();
    float[] far = new float[rows];
    float[] highest = new float[rows];
    float[] lowest = new float[rows];
    Arrays.fill(rowSlopes, 0);
    for (int column = 0; column < band.columns(); column++) {
      if (column % band.groupWidth() == 0) {
        int group = column / band.groupWidth();
        Arrays.fill(far, BEYOND);
        band.grids.nearest(group, 0, rows, far, 0, highest, 0);
        Arrays.fill(far, -BEYOND);
        band.grids.nearest(group, 0, rows, far, 0, lowest, 0);
      }
      for (int row = 0; row < rows; row++) {
        int at = column * rows + row;
        float quotient = quotients[at];
        boolean inside = quotient >= lowest[row] && quotient <= highest[row];
        slopes[at] = inside ? 2 * state.gradient[at] * quotient : 0;
        rowSlopes[row] += slopes[at];
      }
    }
  }

  /** The quotients rounded to the band's grids, whose scales are then refitted. */
  private GramState rounded(RowBand band, float[] quotients, float[] targets) {
    int rows = band.rows();
    for (int column = 0; column < band.columns(); column++) {
      int at = column * rows;
      int group = column / band.groupWidth();
      band.grids.nearest(group, 0, rows, quotients, at, band.levels, at);
    }
    GramState state = new GramState(band, targets, columns, stage.damp());
    for (int group = 0; group < band.groups(); group++) {
      scales.run(state, group, 0, band.columns());
    }
    return state;
  }

  private static void keepBetter(GramState best, double[] errors, GramState state) {
    double[] now = state.errors();
    BitSet better = new BitSet();
    for (int row = 0; row < now.length; row++) {
      if (now[row] < errors[row]) {
        better.set(row);
        errors[row] = now[row];
      }
    }
    best.takeRows(state, better);
  }
}
