package io.tritmill.jobs.recipe;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.tensor.Matrix;

/** A stage with a parameter that has no default. */
public record Demanding(int planes) implements Quantizer {
  @Override
  public PlaneLayout levels() {
    return new PlaneLayout(planes, Group.ROW, false);
  }

  @Override
  public TritPlanes quantize(Matrix band, LayerInputs inputs) {
    byte[][] zeros = new byte[planes][band.rows() * band.columns()];
    float[] scales = new float[Math.toIntExact(levels().scales(band.rows(), band.columns()))];
    return new TritPlanes(band.rows(), band.columns(), levels(), zeros, scales);
  }
}
