package io.tritmill.kernels.model.function;

import io.tritmill.kernels.simd.Simd;
import java.util.Arrays;

/** Turns rows of scores into the probabilities with which an attention's queries look at keys. */
public final class SoftMax {
  private final double scale;
  private final double cap; // 0 for none
  private final float[] sinks; // (heads); of length 0 for none

  /**
   * Probabilities of scores times a scale.
   *
   * @param cap that the scaled scores approach and never reach; 0 for none
   * @param sinks (heads) a score of each head that nothing is read from; of length 0 for none
   */
  public SoftMax(double scale, double cap, float[] sinks) {
    this.scale = scale;
    this.cap = cap;
    this.sinks = sinks;
  }

  /** Row {@code [at, at + width)} of the scores; columns outside [from, to) get probability 0. */
  public void apply(int head, float[] scores, int at, int width, int from, int to) {
    int first = at + from;
    int visible = to - from;
    double factor = scale;
    if (cap != 0) {
      SoftCap.apply(scores, first, visible, scale, cap);
      factor = 1;
    }
    float max = Simd.max(scores, first, visible);
    double sink = 0;
    if (sinks.length > 0) {
      // In the units of the scores, so that one shift serves both.
      max = Math.max(max, (float) (sinks[head] / factor));
      sink = Math.exp(sinks[head] - max * factor);
    }
    Simd.exp(scores, first, visible, max, (float) factor);
    float share = (float) (1 / (Simd.sumOfAbs(scores, first, visible) + sink));
    for (int i = first; i < first + visible; i++) {
      scores[i] *= share;
    }
    Arrays.fill(scores, at, at + from, 0);
    Arrays.fill(scores, at + to, at + width, 0);
  }
}
