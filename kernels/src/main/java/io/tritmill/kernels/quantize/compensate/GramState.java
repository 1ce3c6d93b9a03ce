package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.quantize.band.RowBand;
import io.tritmill.kernels.simd.GemmUpdate;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The levels of a band and what a Gram matrix says of them: with E the targets less the levels, the
 * error of a row is e H e' + lambda e e', and P = E (H + lambda I) is half its negative derivative.
 *
 * <p>All arrays are (columns, rows), and lambda may differ from row to row.
 */
public final class GramState {
  public final RowBand band;
  public final float[] targets;
  public final float[] gradient;
  final float[] damping; // (rows)
  private final float[] gram;

  /** Takes the levels that the band has. */
  public GramState(RowBand band, float[] targets, Columns columns, double damp) {
    this.band = band;
    this.targets = targets;
    gram = columns.gram().values();
    gradient = new float[band.levels.length];
    damping = new float[band.rows()];
    Arrays.fill(damping, (float) (damp * columns.mean()));
    float[] opposite = new float[gradient.length];
    for (int i = 0; i < opposite.length; i++) {
      opposite[i] = band.levels[i] - targets[i];
    }
    move(0, band.columns(), 0, band.columns(), opposite, 0);
  }

  /**
   * Follows a change of the levels of columns {@code [from, to)} in the derivative of columns
   * {@code [first, end)}.
   *
   * @param change (to - from, rows) from changeAt on
   */
  void move(int first, int end, int from, int to, float[] change, int changeAt) {
    if (first == end) {
      return;
    }
    int k = band.columns();
    int rows = band.rows();
    GemmUpdate.subtract(
        end - first,
        rows,
        to - from,
        gram,
        first * k + from,
        k,
        change,
        changeAt,
        rows,
        gradient,
        first * rows,
        rows);
    for (int column = Math.max(first, from); column < Math.min(end, to); column++) {
      int at = changeAt + (column - from) * rows;
      for (int row = 0; row < rows; row++) {
        gradient[column * rows + row] -= damping[row] * change[at + row];
      }
    }
  }

  /** The error of every row, lambda included. */
  public double[] errors() {
    int rows = band.rows();
    double[] errors = new double[rows];
    for (int at = 0; at < gradient.length; at += rows) {
      for (int row = 0; row < rows; row++) {
        double error = targets[at + row] - band.levels[at + row];
        errors[row] += error * gradient[at + row];
      }
    }
    return errors;
  }

  /** Takes some rows of a state with the same targets. */
  public void takeRows(GramState other, BitSet some) {
    int[] rows = some.stream().toArray();
    band.takeRows(other.band, rows);
    band.copyRows(rows, other.gradient, gradient);
    for (int row : rows) {
      damping[row] = other.damping[row];
    }
  }

  /** A copy that changes by itself. */
  public GramState copy() {
    return new GramState(this);
  }

  private GramState(GramState other) {
    RowBand copy = other.band.again();
    System.arraycopy(other.band.levels, 0, copy.levels, 0, copy.levels.length);
    copy.grids = other.band.grids.copy();
    band = copy;
    targets = other.targets;
    gradient = other.gradient.clone();
    damping = other.damping.clone();
    gram = other.gram;
  }

  /** Multiplies the lambda of some rows. */
  void raiseDamping(BitSet some, float factor) {
    int[] rows = some.stream().toArray();
    float[] more = new float[band.rows()];
    for (int row : rows) {
      more[row] = damping[row] * factor - damping[row];
      damping[row] += more[row];
    }
    for (int at = 0; at < gradient.length; at += more.length) {
      for (int row : rows) {
        gradient[at + row] += more[row] * (targets[at + row] - band.levels[at + row]);
      }
    }
  }
}
