package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.Solution;
import io.tritmill.kernels.quantize.WrappedMethod;
import io.tritmill.kernels.tensor.Matrix;
import java.util.EnumSet;
import java.util.OptionalInt;
import java.util.Set;

/** What {@link Rsq} makes of the method to its right: the same, told of weighted tokens. */
public record RsqMethod(Rsq stage, Quantizer next) implements WrappedMethod {
  @Override
  public double leastTokenWeight() {
    return stage.leastWeight();
  }

  @Override
  public OptionalInt passesOverBands() {
    return next.passesOverBands();
  }

  @Override
  public Set<Need> asks() {
    return EnumSet.of(Need.TOKEN_WEIGHTS);
  }

  @Override
  public Coded quantize(Matrix band, LayerInputs inputs) {
    return next.quantize(band, inputs);
  }

  @Override
  public Solution solve(Matrix band, LayerInputs inputs) {
    return next.solve(band, inputs);
  }
}
