package io.tritmill.kernels.model;

import io.tritmill.kernels.simd.Gemm;

/**
 * The end of a model: the final norm, and logits for bands of the vocabulary.
 *
 * <p>The caller reads the head band by band, so that a head of any size is never held whole; every
 * logit is one product of a row of the head and a position, whatever the bands.
 */
public final class OutputHead {
  private final ModelConfig config;
  private final float[] finalNorm;

  /**
   * @param finalNorm gains, (hidden)
   */
  public OutputHead(ModelConfig config, float[] finalNorm) {
    this.config = config;
    this.finalNorm = finalNorm;
  }

  /**
   * Applies the final norm to what left the last block.
   *
   * @param positions rows
   * @param x (positions, hidden); changed in place
   */
  public void normalize(int positions, float[] x) {
    RmsNorm.apply(positions, finalNorm, config.normEpsilon(), x, 0, x, 0);
  }

  /**
   * The logits of a band of the vocabulary.
   *
   * @param first row of the first position
   * @param positions rows of logits
   * @param x normalized, (.., hidden)
   * @param width tokens of the band
   * @param band their rows of the head, (width, hidden)
   * @param logits (positions, width); overwritten
   */
  public void logits(int first, int positions, float[] x, int width, float[] band, float[] logits) {
    int hidden = config.hidden();
    Gemm.multiplyTransposed(
        positions, width, hidden, x, first * hidden, hidden, band, 0, hidden, logits, 0, width);
  }
}
