package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.BlockLevels;
import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.tensor.Matrix;

/**
 * Rounds to five bits a weight on ggml's Q5_K, 5.5 bits with its scales: see {@link BlockLevels}.
 */
public record Q5K() implements Quantizer {
  @Override
  public BlockLevels levels() {
    return BlockLevels.Q5_K;
  }

  @Override
  public Coded quantize(Matrix band, LayerInputs inputs) {
    return BlockRounding.quantize(levels(), band);
  }
}
