package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.BlockLevels;
import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.tensor.Matrix;

/**
 * Rounds to four bits a weight on ggml's Q4_K, 4.5 bits with its scales: see {@link BlockLevels}.
 */
public record Q4K() implements Quantizer {
  @Override
  public BlockLevels levels() {
    return BlockLevels.Q4_K;
  }

  @Override
  public Coded quantize(Matrix band, LayerInputs inputs) {
    return BlockRounding.quantize(levels(), band);
  }
}
