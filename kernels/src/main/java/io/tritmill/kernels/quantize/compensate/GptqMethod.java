package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.SolveReport;
import io.tritmill.kernels.quantize.band.BandSolver;
import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.quantize.band.LayerMethod;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;

/** What {@link Gptq} makes of a method that rounds. */
public record GptqMethod(Gptq stage, Quantizer next) implements LayerMethod {
  @Override
  public Set<Need> asks() {
    return EnumSet.of(Need.GRAM);
  }

  @Override
  public Supplier<BandSolver> solvers(Columns columns, LayerStatistics statistics) {
    int[] order = stage.actOrder() ? InverseFactor.descendingDiagonal(columns) : null;
    InverseFactor factor = InverseFactor.of(columns, stage.damp(), order);
    SolveReport report = SolveReport.of(factor.damping(), columns.deadCount());
    return () -> new ErrorCompensation(factor, order, !stage.staticGroups(), report);
  }
}
