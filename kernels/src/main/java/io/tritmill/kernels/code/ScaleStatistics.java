package io.tritmill.kernels.code;

import java.io.Serializable;

/**
 * Smallest, largest and mean of stored scales, without shifts.
 *
 * <p>Tied planes count the one scale that is stored, and every band of a tensor-wide group counts
 * the tensor's scale once.
 *
 * @param count number of scales
 * @param min smallest, infinite of no scales
 * @param sum sum in the order of storage, so that bands merged in a fixed order give the same bits
 * @param max largest, minus infinite of no scales
 */
public record ScaleStatistics(long count, float min, double sum, float max)
    implements Serializable {
  /** No scales yet. */
  public static final ScaleStatistics NONE =
      new ScaleStatistics(0, Float.POSITIVE_INFINITY, 0, Float.NEGATIVE_INFINITY);

  /**
   * The statistics of scales.
   *
   * @param stored those of whole groups, with the shifts that the layout has
   */
  public static ScaleStatistics of(float[] stored, PlaneLayout layout) {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    double sum = 0;
    long count = 0;
    int perGroup = layout.scalesPerGroup();
    int scales = layout.shifted() ? perGroup - 1 : perGroup;
    for (int group = 0; group < stored.length; group += perGroup) {
      for (int i = group; i < group + scales; i++) {
        min = Math.min(min, stored[i]);
        max = Math.max(max, stored[i]);
        sum += stored[i];
      }
      count += scales;
    }
    return new ScaleStatistics(count, min, sum, max);
  }

  /** The statistics of magnitudes of scales, which may be of either sign. */
  static ScaleStatistics of(float[] signed) {
    float min = NONE.min;
    float max = NONE.max;
    double sum = 0;
    for (float scale : signed) {
      min = Math.min(min, Math.abs(scale));
      max = Math.max(max, Math.abs(scale));
      sum += Math.abs(scale);
    }
    return new ScaleStatistics(signed.length, min, sum, max);
  }

  /** The statistics of both together. */
  public ScaleStatistics plus(ScaleStatistics other) {
    return new ScaleStatistics(
        count + other.count, Math.min(min, other.min), sum + other.sum, Math.max(max, other.max));
  }

  /** Mean scale; NaN of no scales. */
  public double mean() {
    return sum / count;
  }
}
