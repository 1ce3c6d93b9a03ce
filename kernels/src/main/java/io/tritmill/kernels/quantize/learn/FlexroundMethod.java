package io.tritmill.kernels.quantize.learn;

import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.band.BandSolver;
import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.quantize.band.LayerMethod;
import io.tritmill.kernels.quantize.compensate.Gptq;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;

/** What {@link Flexround} makes of a method that rounds or of {@link Gptq}. */
public record FlexroundMethod(Flexround stage, Quantizer next) implements LayerMethod {
  @Override
  public Set<Need> asks() {
    return EnumSet.of(Need.GRAM);
  }

  @Override
  public Supplier<BandSolver> solvers(Columns columns, LayerStatistics statistics) {
    Supplier<BandSolver> wrapped = LayerMethod.startingWith(next, columns, statistics);
    return () -> new LearnedRounding(columns, stage, wrapped.get());
  }
}
