package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.OutputError;
import io.tritmill.kernels.quantize.SolveReport;
import io.tritmill.kernels.quantize.band.BandSolver;
import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.quantize.band.PlainRounding;
import io.tritmill.kernels.quantize.band.RowBand;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.Matrix;
import java.util.BitSet;

/** Descends from the better of two starts, row by row, and puts back rows that overfit. */
final class CoordinateDescent implements BandSolver {
  private static final float MORE_DAMPING = 4;

  /** Columns whose products are made at once. */
  private static final int PANEL = 256;

  private final Columns columns;
  private final double damp;
  private final int sweeps;
  private final Matrix heldOut;
  private final BandSolver wrapped;
  private final PlainRounding plain = new PlainRounding();
  private final CodeSweep sweep;
  private SolveReport done;

  /**
   * @param heldOut Gram matrix that guards against overfitting; null without one
   * @param wrapped makes one of the starts; null for plain rounding alone
   */
  CoordinateDescent(Columns columns, double damp, int sweeps, Matrix heldOut, BandSolver wrapped) {
    this.columns = columns;
    this.damp = damp;
    this.sweeps = sweeps;
    this.heldOut = heldOut;
    this.wrapped = wrapped;
    sweep = new CodeSweep(columns);
    done = SolveReport.of(damp, columns.deadCount());
  }

  @Override
  public SolveReport report() {
    return wrapped == null ? done : wrapped.report().plus(done);
  }

  @Override
  public void solve(RowBand band) {
    float[] targets = new float[band.levels.length];
    band.loadTargets(targets);
    GramState state = start(band, targets);
    GramState first = state.copy();
    double[] errors = state.errors();
    double[] unseen = unseenErrors(state);
    for (int i = 0; i < sweeps; i++) {
      GramState before = unseen == null ? null : state.copy();
      sweep.run(state, true);
      if (unseen != null) {
        unseen = putBackOverfitted(state, before, unseen);
      }
    }
    GramState before = unseen == null ? null : state.copy();
    sweep.run(state, false);
    if (unseen != null) {
      putBackOverfitted(state, before, unseen);
    }
    keepBetter(state, first, errors);
  }

  private GramState start(RowBand band, float[] targets) {
    if (wrapped == null) {
      plain.solve(band);
      return new GramState(band, targets, columns, damp);
    }
    wrapped.solve(band);
    RowBand other = band.again();
    plain.solve(other);
    GramState state = new GramState(band, targets, columns, damp);
    GramState rounded = new GramState(other, targets, columns, damp);
    double[] errors = state.errors();
    double[] roundedErrors = rounded.errors();
    BitSet better = new BitSet();
    for (int row = 0; row < band.rows(); row++) {
      better.set(row, roundedErrors[row] < errors[row]);
    }
    state.takeRows(rounded, better);
    return state;
  }

  /** Rows that rounding made worse than they began take their beginning. */
  private void keepBetter(GramState state, GramState first, double[] firstErrors) {
    GramState exact = new GramState(state.band, state.targets, columns, damp);
    double[] errors = exact.errors();
    BitSet worse = new BitSet();
    for (int row = 0; row < errors.length; row++) {
      worse.set(row, !(errors[row] <= firstErrors[row]));
    }
    state.takeRows(first, worse);
  }

  /** The error of every row on the tokens set aside; null without them. */
  private double[] unseenErrors(GramState state) {
    if (heldOut == null) {
      return null;
    }
    int k = state.band.columns();
    int rows = state.band.rows();
    float[] error = new float[state.targets.length];
    for (int i = 0; i < error.length; i++) {
      error[i] = state.targets[i] - state.band.levels[i];
    }
    float[] product = new float[Math.min(PANEL, k) * rows];
    double[] sums = new double[rows];
    for (int first = 0; first < k; first += PANEL) {
      int width = Math.min(PANEL, k - first);
      // Pairs of columns of which one comes before the panel count for their mirror images too.
      addProducts(width, first, 0, first, rows, error, product, 2, sums);
      addProducts(width, first, first, width, rows, error, product, 1, sums);
    }
    return sums;
  }

  /** Adds e_i H_ij e_j for columns i of a panel and j of {@code [from, from + count)}. */
  private void addProducts(
      int width,
      int first,
      int from,
      int count,
      int rows,
      float[] error,
      float[] product,
      int times,
      double[] sums) {
    if (count == 0) {
      return;
    }
    int k = heldOut.columns();
    float[] h = heldOut.values();
    Gemm.multiply(
        width, rows, count, h, first * k + from, k, error, from * rows, rows, product, 0, rows);
    for (int at = 0; at < width * rows; at += rows) {
      for (int row = 0; row < rows; row++) {
        sums[row] += times * (double) error[first * rows + at + row] * product[at + row];
      }
    }
  }

  /**
   * @return the held-out errors of the state that is kept
   */
  private double[] putBackOverfitted(GramState state, GramState before, double[] unseen) {
    double[] now = unseenErrors(state);
    BitSet worse = new BitSet();
    for (int row = 0; row < now.length; row++) {
      if (now[row] > unseen[row]) {
        worse.set(row);
        now[row] = unseen[row];
      }
    }
    state.takeRows(before, worse);
    state.raiseDamping(worse, MORE_DAMPING);
    double highest = done.damping();
    for (int row : worse.stream().toArray()) {
      highest = Math.max(highest, state.damping[row] / columns.mean());
    }
    done =
        new SolveReport(
            highest,
            done.deadColumns(),
            done.revertedRows() + worse.cardinality(),
            done.correction(),
            OutputError.NONE,
            OutputError.NONE);
    return now;
  }
}
