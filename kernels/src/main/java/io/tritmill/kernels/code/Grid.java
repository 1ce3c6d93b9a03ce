package io.tritmill.kernels.code;

import io.tritmill.kernels.simd.Simd;

/**
 * What a rule decides for one group: the scales as stored, and how a magnitude becomes trits.
 *
 * <p>A magnitude strictly above k of the ascending thresholds gets level k, whose trits stand in
 * column k of the codes; a negative weight gets their opposite. One grid serves a whole band: the
 * rule overwrites it for every group.
 */
public final class Grid {
  /** Levels above zero of three planes. */
  public static final int MOST_LEVELS = 13;

  private final float[] scales;
  private final float[] thresholds = new float[MOST_LEVELS];
  private final byte[][] codes;
  private int levels;
  private int row;
  private boolean oneMagnitude;

  public Grid(PlaneLayout layout) {
    scales = new float[layout.scalesPerGroup()];
    codes = new byte[layout.planes()][MOST_LEVELS + 1];
  }

  /** Names the row that an error message will name. */
  public void row(int number) {
    row = number;
  }

  /** Says whether the weights that come are trits times one number, see {@link StoredScale}. */
  public void oneMagnitude(boolean whether) {
    oneMagnitude = whether;
  }

  /**
   * Forgets the levels of the last group.
   *
   * @param exact scales before rounding, those of a group side by side
   * @param group which of the groups in {@code exact}
   * @return the scales as stored, which the levels that follow must be chosen for
   */
  public float[] begin(double[] exact, int group) {
    levels = 0;
    for (int i = 0; i < scales.length; i++) {
      double scale = exact[group * scales.length + i];
      scales[i] = oneMagnitude ? StoredScale.half(scale, row) : StoredScale.of(scale, row);
    }
    return scales;
  }

  /**
   * Forgets the levels of the last group, and takes scales that are rounded already.
   *
   * @return the scales, which the levels that follow must be chosen for
   */
  public float[] take(float... stored) {
    levels = 0;
    System.arraycopy(stored, 0, scales, 0, scales.length);
    return scales;
  }

  /** Appends a level of one plane: the magnitudes strictly above the threshold. */
  public void level(double threshold, int first) {
    codes[0][append(threshold)] = (byte) first;
  }

  /** Appends a level of two planes. */
  public void level(double threshold, int first, int second) {
    int level = append(threshold);
    codes[0][level] = (byte) first;
    codes[1][level] = (byte) second;
  }

  /** Appends a level of three planes. */
  public void level(double threshold, int first, int second, int third) {
    int level = append(threshold);
    codes[0][level] = (byte) first;
    codes[1][level] = (byte) second;
    codes[2][level] = (byte) third;
  }

  /** Number of levels above zero. */
  public int levels() {
    return levels;
  }

  /** The threshold of level {@code level}, counted from 0. */
  public float threshold(int level) {
    return thresholds[level];
  }

  /** The trit of one plane in level {@code level}, counted from 0. */
  public byte trit(int plane, int level) {
    return codes[plane][level + 1];
  }

  private int append(double threshold) {
    thresholds[levels] = (float) threshold;
    return ++levels;
  }

  /** Writes the trits of {@code length} weights at the same offset of each plane. */
  public void emit(float[] w, int offset, int length, byte[][] trits) {
    for (int plane = 0; plane < codes.length; plane++) {
      Simd.classify(w, offset, length, thresholds, levels, codes[plane], trits[plane], offset);
    }
  }

  public void storeScales(float[] into, int at) {
    System.arraycopy(scales, 0, into, at, scales.length);
  }
}
