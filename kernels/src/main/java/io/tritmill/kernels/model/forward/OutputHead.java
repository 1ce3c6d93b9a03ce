package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.function.Normalization;
import io.tritmill.kernels.model.function.SoftCap;
import io.tritmill.kernels.simd.Gemm;

/**
 * The end of a model: the final norm, and logits for bands of the vocabulary.
 *
 * <p>The caller reads the head band by band, so that a head of any size is never held whole; every
 * logit is one product of a row of the head and a position, whatever the bands.
 */
public final class OutputHead {
  private final Architecture model;
  private final float[] gains;

  /**
   * @param gains of the final norm, (hidden)
   */
  public OutputHead(Architecture model, float[] gains) {
    this.model = model;
    this.gains = gains;
  }

  /**
   * Applies the final norm to what left the last block.
   *
   * @param positions rows
   * @param x (positions, hidden); changed in place
   */
  public void normalize(int positions, float[] x) {
    Normalization.apply(model.finalNorm(), positions, gains, x, 0, x, 0);
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
    int hidden = model.hidden();
    Gemm.multiplyTransposed(
        positions, width, hidden, x, first * hidden, hidden, band, 0, hidden, logits, 0, width);
    finish(positions * width, logits);
  }

  /**
   * The logits of the whole vocabulary.
   *
   * @param positions rows of x and logits
   * @param x normalized, (positions, hidden)
   * @param head of the model, (vocabulary, hidden)
   * @param logits (positions, vocabulary); overwritten
   */
  public void logits(int positions, float[] x, Linear head, float[] logits) {
    head.apply(positions, x, logits);
    finish(positions * model.vocabulary(), logits);
  }

  private void finish(int count, float[] logits) {
    float scale = model.logitScale();
    for (int i = 0; scale != 1 && i < count; i++) {
      logits[i] *= scale;
    }
    if (model.logitSoftCap() != 0) {
      SoftCap.apply(logits, 0, count, 1, model.logitSoftCap());
    }
  }
}
