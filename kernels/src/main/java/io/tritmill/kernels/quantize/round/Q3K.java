package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.BlockLevels;
import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.tensor.Matrix;

/**
 * Rounds to three bits a weight on ggml's Q3_K, 3.4375 bits with its scales: see {@link
 * BlockLevels}.
 */
public record Q3K() implements Quantizer {
  @Override
  public BlockLevels levels() {
    return BlockLevels.Q3_K;
  }

  @Override
  public Coded quantize(Matrix band, LayerInputs inputs) {
    return BlockRounding.quantize(levels(), band);
  }
}
