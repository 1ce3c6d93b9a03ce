package io.tritmill.kernels.quantize;

import io.tritmill.kernels.tensor.Matrix;
import java.util.EnumSet;
import java.util.Set;

/** What {@link Rsq} makes of the method to its right: the same, told of weighted tokens. */
record RsqMethod(Rsq stage, Quantizer next) implements WrappedMethod {
  @Override
  public double leastTokenWeight() {
    return stage.leastWeight();
  }

  @Override
  public Set<Need> asks() {
    return EnumSet.of(Need.TOKEN_WEIGHTS);
  }

  @Override
  public TritPlanes quantize(Matrix band, LayerInputs inputs) {
    return next.quantize(band, inputs);
  }

  @Override
  public Solution solve(Matrix band, LayerInputs inputs) {
    return next.solve(band, inputs);
  }
}
