package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.band.BandSolver;
import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.quantize.band.LayerMethod;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;

/** What {@link Comq} makes of a method that rounds or of {@link Gptq}. */
record ComqMethod(Comq stage, Quantizer next) implements LayerMethod {
  @Override
  public Set<Need> asks() {
    return EnumSet.of(Need.GRAM, Need.HELD_OUT);
  }

  @Override
  public Supplier<BandSolver> solvers(Columns columns, LayerStatistics statistics) {
    Supplier<BandSolver> wrapped = LayerMethod.startingWith(next, columns, statistics);
    return () ->
        new CoordinateDescent(
            columns, stage.damp(), stage.sweeps(), statistics.heldOutGram(), wrapped.get());
  }
}
