package io.tritmill.kernels.quantize;

import java.util.EnumSet;
import java.util.Set;

/** What {@link Comq} makes of a method that rounds or of {@link Gptq}. */
record ComqMethod(Comq stage, Quantizer next) implements LayerMethod {
  @Override
  public Set<Need> asks() {
    return EnumSet.of(Need.GRAM, Need.HELD_OUT);
  }

  @Override
  public BandSolver solver(Columns columns, LayerStatistics statistics) {
    BandSolver wrapped =
        next instanceof LayerMethod method ? method.solver(columns, statistics) : null;
    return new CoordinateDescent(
        columns, stage.damp(), stage.sweeps(), statistics.heldOutGram(), wrapped);
  }
}
