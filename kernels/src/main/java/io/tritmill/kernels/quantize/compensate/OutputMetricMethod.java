package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.band.BandSolver;
import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.quantize.band.LayerMethod;
import io.tritmill.kernels.quantize.band.RowParts;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;

/** What {@link OutputMetric} makes of {@link Gptq} or {@link Comq}. */
public record OutputMetricMethod(OutputMetric stage, LayerMethod next) implements LayerMethod {
  @Override
  public boolean rowsTogether() {
    return true;
  }

  @Override
  public Set<Need> asks() {
    return EnumSet.of(Need.GRAM, Need.OUTPUT_METRIC);
  }

  @Override
  public Supplier<BandSolver> solvers(Columns columns, LayerStatistics statistics) {
    if (statistics.outputMetric() == null) {
      throw new IllegalArgumentException("output_metric needs the curvature of the loss");
    }
    Supplier<BandSolver> wrapped = next.solvers(columns, statistics);
    Columns rows = Columns.of(statistics.outputMetric());
    double damp = columnDamp();
    InverseFactor ofColumns = InverseFactor.of(columns, damp, null);
    InverseFactor ofRows = InverseFactor.of(rows, stage.damp(), null);
    return () ->
        new MetricSolver(
            columns,
            damp,
            rows,
            stage.damp(),
            stage.rounds(),
            new RowParts(wrapped),
            new RowFeedback(ofColumns, ofRows));
  }

  /** The damping that the wrapped method asks for. */
  private double columnDamp() {
    return switch (next) {
      case GptqMethod gptq -> Math.max(gptq.stage().damp(), 1e-4);
      case ComqMethod comq -> comq.stage().damp();
      default -> throw new IllegalStateException("No damping in " + next);
    };
  }
}
