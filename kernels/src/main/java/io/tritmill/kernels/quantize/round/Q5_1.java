package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.BlockLevels;
import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.tensor.Matrix;

/**
 * Rounds to five bits a weight on ggml's Q5_1, 6 bits with a scale and a least value for each 32
 * columns: see {@link BlockLevels}.
 */
public record Q5_1() implements Quantizer {
  @Override
  public BlockLevels levels() {
    return BlockLevels.Q5_1;
  }

  @Override
  public Coded quantize(Matrix band, LayerInputs inputs) {
    return BlockRounding.quantize(levels(), band);
  }
}
