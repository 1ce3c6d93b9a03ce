package io.tritmill.kernels.model;

import java.io.Serializable;

/**
 * A normalization of vectors.
 *
 * @param kind what they are divided by
 * @param weight the gains; of two dimensions where several vectors stand side by side and each has
 *     gains of its own; null where there are none
 * @param onePlus whether the gains are 1 + weight, not weight
 * @param epsilon added to the mean square, or to the variance
 */
public record Norm(Kind kind, TensorSpec weight, boolean onePlus, float epsilon)
    implements Serializable {
  /** What a vector is divided by. */
  public enum Kind {
    /** Its root mean square (arXiv:1910.07467). */
    RMS,
    /** Its standard deviation, after its mean was taken off (arXiv:1607.06450). */
    LAYER
  }

  /** The gains that stored weights stand for; the same array where these are the gains. */
  public float[] gains(float[] stored) {
    if (!onePlus) {
      return stored;
    }
    float[] gains = new float[stored.length];
    for (int i = 0; i < gains.length; i++) {
      gains[i] = 1 + stored[i];
    }
    return gains;
  }

  /** What is stored for gains of one. */
  public float neutral() {
    return onePlus ? 0 : 1;
  }
}
