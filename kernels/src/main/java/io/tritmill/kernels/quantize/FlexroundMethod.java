package io.tritmill.kernels.quantize;

import java.util.EnumSet;
import java.util.Set;

/** What {@link Flexround} makes of a method that rounds or of {@link Gptq}. */
record FlexroundMethod(Flexround stage, Quantizer next) implements LayerMethod {
  @Override
  public Set<Need> asks() {
    return EnumSet.of(Need.GRAM);
  }

  @Override
  public BandSolver solver(Columns columns, LayerStatistics statistics) {
    BandSolver wrapped =
        next instanceof LayerMethod method ? method.solver(columns, statistics) : null;
    return new LearnedRounding(columns, stage, wrapped);
  }
}
