package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.simd.Simd;
import java.util.Arrays;

/** Turns rows of scores into the probabilities with which an attention's queries look at keys. */
final class SoftMax {
  private final double scale;
  private final double cap; // 0 for none
  private final float[] sinks; // (heads); of length 0 for none

  SoftMax(Attention module, SublayerWeights weights) {
    scale = module.scale();
    cap = module.softCap();
    sinks = module.sinks() == null ? new float[0] : weights.vector(module.sinks());
  }

  /** Of scores that are scaled, and nothing else. */
  SoftMax(double scale) {
    this.scale = scale;
    cap = 0;
    sinks = new float[0];
  }

  /** Row {@code [at, at + width)} of the scores; columns outside [from, to) get probability 0. */
  void apply(int head, float[] scores, int at, int width, int from, int to) {
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
