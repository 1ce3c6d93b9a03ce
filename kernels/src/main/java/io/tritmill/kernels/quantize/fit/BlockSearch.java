package io.tritmill.kernels.quantize.fit;

import io.tritmill.kernels.code.BlockLevels;
import io.tritmill.kernels.code.UnusableWeightException;
import io.tritmill.kernels.tensor.SuperBlock;
import java.util.Arrays;

/**
 * The scales of a block: those of its runs as each would like them, then halves that just reach the
 * largest of them, then the best that each run finds among their multiples. A block that is one run
 * has the best halves that it finds.
 */
public final class BlockSearch {
  private static final double MOST = 65504;

  private final BlockLevels levels;
  private final RunSearch run;
  private final int runs;
  private final float[] alike = new float[SuperBlock.SIZE];
  private final double[] wantedScales = new double[SuperBlock.MOST_RUNS];
  private final double[] wantedLeasts = new double[SuperBlock.MOST_RUNS];
  private final SuperBlock found = new SuperBlock();

  public BlockSearch(BlockLevels levels) {
    this.levels = levels;
    run = new RunSearch(levels);
    runs = levels.runs();
    Arrays.fill(alike, 1);
  }

  /** What was found, without codes. */
  public SuperBlock found() {
    return found;
  }

  /**
   * Fits a block.
   *
   * @param w its weights, from {@code at} on
   * @param importance what the squared error of each weight counts; null where all count alike
   * @param row named in an error message
   * @throws UnusableWeightException if its scale is beyond IEEE half
   */
  public void fit(float[] w, int at, float[] importance, int row) {
    if (levels.single()) {
      fitSingle(w, at, weights(importance, 0), row);
      return;
    }
    double largestScale = 0;
    double largestLeast = 0;
    for (int r = 0; r < runs; r++) {
      int begin = r * levels.width();
      run.fit(w, at + begin, weights(importance, begin), begin);
      wantedScales[r] = run.scale();
      wantedLeasts[r] = run.least();
      largestScale = Math.abs(run.scale()) > Math.abs(largestScale) ? run.scale() : largestScale;
      largestLeast = Math.max(largestLeast, run.least());
    }
    int end = levels.hasLeast() ? levels.highestScale() : levels.lowestScale();
    double step = largestScale / end;
    double leastStep = largestLeast / levels.highestScale();
    requireHalf(step, row);
    requireHalf(leastStep, row);
    found.scale = half(step);
    found.leastScale = half(leastStep);
    for (int r = 0; r < runs; r++) {
      int begin = r * levels.width();
      run.round(
          w,
          at + begin,
          weights(importance, begin),
          begin,
          found.scale,
          found.leastScale,
          nearest(wantedScales[r], found.scale),
          nearest(wantedLeasts[r], found.leastScale));
      found.scales[r] = run.ladderScale();
      found.leasts[r] = run.ladderLeast();
    }
  }

  private void fitSingle(float[] w, int at, float[] v, int row) {
    run.fit(w, at, v, 0);
    requireHalf(run.scale(), row);
    requireHalf(run.least(), row);
    HalfSearch halves = new HalfSearch(levels.top(), levels.width());
    halves.fit(w, at, v, run.scale(), run.least());
    found.scale = halves.scale();
    found.leastScale = halves.least();
    found.scales[0] = 1;
    found.leasts[0] = 1;
  }

  /**
   * Fits a run of a block whose own scales stand: never worse than what the run has.
   *
   * @param w weights of the run, from {@code at} on
   * @param importance as for {@link #fit}, of the block
   * @param block gets what was found
   */
  public void refit(int r, float[] w, int at, float[] importance, SuperBlock block) {
    int begin = r * levels.width();
    float[] v = weights(importance, begin);
    double kept =
        run.round(w, at, v, begin, block.scale, block.leastScale, block.scales[r], block.leasts[r]);
    int keptScale = run.ladderScale();
    int keptLeast = run.ladderLeast();
    run.fit(w, at, v, begin);
    double other =
        run.round(
            w,
            at,
            v,
            begin,
            block.scale,
            block.leastScale,
            nearest(run.scale(), block.scale),
            nearest(run.least(), block.leastScale));
    block.scales[r] = other < kept ? run.ladderScale() : keptScale;
    block.leasts[r] = other < kept ? run.ladderLeast() : keptLeast;
  }

  /** Writes the code nearest to each weight of a block. */
  public void code(float[] w, int at, SuperBlock block) {
    for (int i = 0; i < levels.block(); i++) {
      int r = i / levels.width();
      float s = block.scale * block.scales[r];
      float value = w[at + i] + block.leastScale * block.leasts[r];
      int code = s == 0 ? 0 : (int) Math.rint(value * (1 / s));
      block.codes[i] = (byte) Math.clamp(code + levels.zero(), 0, levels.top());
    }
  }

  /** Where no weight of a run counts, all count alike. */
  private float[] weights(float[] importance, int begin) {
    if (importance != null) {
      for (int i = begin; i < begin + levels.width(); i++) {
        if (importance[i] > 0) {
          return importance;
        }
      }
    }
    return alike;
  }

  private static int nearest(double wanted, float step) {
    return step == 0 ? 0 : (int) Math.rint(Math.clamp(wanted / step, -1024, 1024));
  }

  private static float half(double value) {
    return Float.float16ToFloat(Float.floatToFloat16((float) Math.clamp(value, -MOST, MOST)));
  }

  private static void requireHalf(double scale, int row) {
    if (!(Math.abs(scale) <= MOST)) {
      throw new UnusableWeightException(
          row,
          "found a scale of %s, expected at most 65504, the largest of IEEE half"
              .formatted((float) scale));
    }
  }
}
