package io.tritmill.kernels.quantize;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;

/** What {@link Gptq} makes of a method that rounds. */
record GptqMethod(Gptq stage, Quantizer next) implements LayerMethod {
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
