package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.quantize.band.RowBand;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.simd.GemmUpdate;
import java.util.Arrays;

/**
 * The damage J = tr(G E H E') / 2 of levels and its derivative P = H E' G, both matrices damped.
 *
 * <p>Arrays are (columns, rows): column after column, rows side by side.
 */
final class MetricState {
  final Columns columns;
  final float[] metric; // (rows, rows), damped
  final int rows;
  final float damping; // of the Gram matrix
  final float[] gradient; // (columns, rows)
  private final float[] targets;
  private RowBand band;

  MetricState(
      float[] targets, Columns columns, double columnDamp, Columns outputs, double rowDamp) {
    this.columns = columns;
    this.targets = targets;
    rows = outputs.size();
    damping = (float) (columnDamp * columns.mean());
    metric = outputs.gram().values().clone();
    for (int row = 0; row < rows; row++) {
      metric[row * rows + row] = (float) (outputs.diagonal()[row] + rowDamp * outputs.mean());
    }
    gradient = new float[targets.length];
  }

  /** Computes the derivative of a band's levels anew. */
  void begin(RowBand of) {
    band = of;
    int k = columns.size();
    float[] opposite = new float[targets.length];
    for (int i = 0; i < opposite.length; i++) {
      opposite[i] = of.levels[i] - targets[i];
    }
    float[] weighted = new float[opposite.length];
    weigh(k, opposite, 0, weighted, 0);
    Arrays.fill(gradient, 0);
    move(0, k, 0, k, weighted, 0);
  }

  /** Takes another band with the same levels. */
  void follow(RowBand other) {
    band = other;
  }

  /** {@code into = change G}, for so many columns. */
  void weigh(int count, float[] change, int at, float[] into, int intoAt) {
    Gemm.multiply(count, rows, rows, change, at, rows, metric, 0, rows, into, intoAt, rows);
  }

  /**
   * Follows a change of columns {@code [from, to)} in the derivative of columns {@code [first,
   * end)}.
   *
   * @param weighted the change times G, (to - from, rows) from at on
   */
  void move(int first, int end, int from, int to, float[] weighted, int at) {
    if (first == end || from == to) {
      return;
    }
    int k = columns.size();
    GemmUpdate.subtract(
        end - first,
        rows,
        to - from,
        columns.gram().values(),
        first * k + from,
        k,
        weighted,
        at,
        rows,
        gradient,
        first * rows,
        rows);
    for (int column = Math.max(first, from); column < Math.min(end, to); column++) {
      int source = at + (column - from) * rows;
      for (int row = 0; row < rows; row++) {
        gradient[column * rows + row] -= damping * weighted[source + row];
      }
    }
  }

  /** J of the levels that {@link #begin} was given. */
  double damage() {
    double sum = 0;
    for (int i = 0; i < gradient.length; i++) {
      sum += (double) (targets[i] - band.levels[i]) * gradient[i];
    }
    return sum / 2;
  }
}
