package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.SolveReport;
import io.tritmill.kernels.quantize.band.BandSolver;
import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.quantize.band.RowBand;
import io.tritmill.kernels.quantize.band.RowGrids;
import io.tritmill.kernels.quantize.band.RowParts;

/** The better of two starts in the damage J, and descent from there. */
final class MetricSolver implements BandSolver {
  private final Columns columns;
  private final double columnDamp;
  private final Columns rows;
  private final double rowDamp;
  private final int rounds;
  private final RowParts independent;
  private final RowFeedback feedback;

  /**
   * @param rows the output metric
   * @param independent makes the start of independent rows
   * @param feedback makes the other
   */
  MetricSolver(
      Columns columns,
      double columnDamp,
      Columns rows,
      double rowDamp,
      int rounds,
      RowParts independent,
      RowFeedback feedback) {
    this.columns = columns;
    this.columnDamp = columnDamp;
    this.rows = rows;
    this.rowDamp = rowDamp;
    this.rounds = rounds;
    this.independent = independent;
    this.feedback = feedback;
  }

  @Override
  public SolveReport report() {
    return independent.report();
  }

  @Override
  public void solve(RowBand band) {
    if (band.rows() != rows.size()) {
      throw new IllegalArgumentException(
          "Expected an output metric of %d, found %d".formatted(band.rows(), rows.size()));
    }
    float[] targets = new float[band.levels.length];
    band.loadTargets(targets);
    MetricState metric = new MetricState(targets, columns, columnDamp, rows, rowDamp);
    feedback.solve(band);
    metric.begin(band);
    double damage = metric.damage();
    RowBand other = band.again();
    independent.each(
        other.rows(),
        other.columns(),
        (solver, row, rowsOfPart) -> {
          RowBand part = other.part(row, rowsOfPart);
          solver.solve(part);
          other.take(row, part);
        });
    metric.begin(other);
    if (metric.damage() < damage) {
      damage = metric.damage();
      take(band, other);
    } else {
      metric.begin(band);
    }
    metric.follow(band);
    descend(band, metric, damage);
  }

  private void descend(RowBand band, MetricState metric, double damage) {
    if (rounds == 0) {
      return;
    }
    float[] first = band.levels.clone();
    RowGrids firstGrids = band.grids.copy();
    MetricSweep sweep = new MetricSweep(metric);
    for (int round = 0; round < rounds; round++) {
      sweep.run(band, round < rounds - 1);
    }
    metric.begin(band);
    if (!(metric.damage() <= damage)) {
      System.arraycopy(first, 0, band.levels, 0, first.length);
      band.grids = firstGrids;
    }
  }

  private static void take(RowBand band, RowBand other) {
    System.arraycopy(other.levels, 0, band.levels, 0, band.levels.length);
    band.grids = other.grids;
  }
}
