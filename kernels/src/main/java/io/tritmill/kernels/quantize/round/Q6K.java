package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.BlockLevels;
import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.tensor.Matrix;

/**
 * Rounds to six bits a weight on ggml's Q6_K, 6.5625 bits with its scales: see {@link BlockLevels}.
 */
public record Q6K() implements Quantizer {
  @Override
  public BlockLevels levels() {
    return BlockLevels.Q6_K;
  }

  @Override
  public Coded quantize(Matrix band, LayerInputs inputs) {
    return BlockRounding.quantize(levels(), band);
  }
}
