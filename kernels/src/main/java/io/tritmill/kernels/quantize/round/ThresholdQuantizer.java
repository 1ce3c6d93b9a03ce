package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.Grid;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.band.BandSweep;
import io.tritmill.kernels.quantize.band.GroupRule;
import io.tritmill.kernels.simd.Simd;
import io.tritmill.kernels.tensor.Matrix;

/**
 * A ternary method that derives one threshold and one scale from the mean magnitude of a group.
 *
 * <p>A weight becomes its sign when its magnitude lies strictly above the threshold, else 0. The
 * threshold follows the exact mean, not the rounded scale. A scale that rounds to zero makes the
 * group zero.
 */
sealed interface ThresholdQuantizer extends Quantizer permits Absmean, Twn, Statistical {
  /** Where a pass over the tensor has the number of weights that it summed. */
  int COUNT = BinnedSum.BINS;

  /** Where it has the number of those that are not zero, then of those that have their mean. */
  int ALIKE = COUNT + 1;

  /** What magnitudes may differ by, as a share, that are one number but for a sum's rounding. */
  double SAME = 0x1p-12;

  /** Who shares a scale. */
  Group group();

  /** The threshold over the mean magnitude. */
  double thresholdOverMean();

  /** The scale over the mean magnitude; NaN when the scale is the mean of the weights kept. */
  double scaleOverMean();

  @Override
  default PlaneLayout levels() {
    return new PlaneLayout(1, group(), false);
  }

  @Override
  default int passes() {
    if (group().kind() != Group.Kind.TENSOR) {
      return 0;
    }
    return scaleFollowsKept() ? 2 : 1;
  }

  /**
   * {@inheritDoc}
   *
   * <p>The first pass gathers the sum of the magnitudes, the second the sum of those above the
   * threshold, each followed by their count; then the first the number of weights that are not
   * zero, the second that of those which have the mean magnitude of these. The sums are exact:
   * bands of any sizes, added in any order, give the same arrays.
   */
  @Override
  default double[] observe(Matrix band, LayerInputs inputs) {
    boolean first = inputs.sums().isEmpty();
    float[] thresholds = first ? new float[1] : thresholds(inputs);
    int[] counts = new int[thresholds.length];
    float[] sums = new float[thresholds.length];
    double[] gathered = new double[ALIKE + 1];
    BinnedSum sum = new BinnedSum(gathered, 0);
    for (int row = 0; row < band.rows(); row++) {
      BandSweep.requireFinite(band, row);
      int offset = row * band.columns();
      int levels = thresholds.length;
      Simd.tally(band.values(), offset, band.columns(), thresholds, levels, counts, sums);
      if (first) {
        sum.add(Simd.sumOfAbs(band.values(), offset, band.columns()));
        gathered[COUNT] += band.columns();
        gathered[ALIKE] += counts[0];
      } else {
        sum.add(sums[0]);
        gathered[COUNT] += counts[0];
        gathered[ALIKE] += counts[1] - counts[2];
      }
    }
    return gathered;
  }

  @Override
  default TritPlanes quantize(Matrix band, LayerInputs inputs) {
    if (group().kind() != Group.Kind.TENSOR) {
      return BandSweep.eachGroup(band, levels(), groupRule());
    }
    if (inputs.sums().size() != passes()) {
      throw new IllegalArgumentException(
          "Expected the sums of %d passes over the tensor, found %d"
              .formatted(passes(), inputs.sums().size()));
    }
    double mean = mean(inputs, 0);
    Grid grid = new Grid(levels());
    double[] scale = {scaleFollowsKept() ? mean(inputs, 1) : scaleOverMean() * mean};
    grid.oneMagnitude(
        scaleFollowsKept() && inputs.sums().get(1)[ALIKE] == inputs.sums().get(0)[ALIKE]);
    fill(grid, mean, scale);
    return BandSweep.tensorWide(band, levels(), grid);
  }

  private GroupRule groupRule() {
    float[] threshold = new float[1];
    int[] count = new int[1];
    float[] keptSum = new float[1];
    double[] scale = new double[1];
    return (w, offset, length, group, grid) -> {
      double mean = Simd.sumOfAbs(w, offset, length) / length;
      scale[0] = scaleOverMean() * mean;
      if (scaleFollowsKept()) {
        threshold[0] = (float) (thresholdOverMean() * mean);
        Simd.tally(w, offset, length, threshold, 1, count, keptSum);
        scale[0] = count[0] == 0 ? 0 : (double) keptSum[0] / count[0];
      }
      fill(grid, mean, scale);
    };
  }

  private void fill(Grid grid, double mean, double[] scale) {
    float stored = grid.begin(scale, 0)[0];
    grid.level(stored > 0 ? thresholdOverMean() * mean : Double.POSITIVE_INFINITY, 1);
  }

  /** Of what is kept, and on both sides of the mean magnitude of what is not zero. */
  private float[] thresholds(LayerInputs inputs) {
    double[] gathered = inputs.sums().getFirst();
    double alike = gathered[ALIKE];
    double magnitude = alike == 0 ? 0 : new BinnedSum(gathered, 0).value() / alike;
    return new float[] {
      (float) (thresholdOverMean() * mean(inputs, 0)),
      (float) (magnitude * (1 - SAME)),
      (float) (magnitude * (1 + SAME))
    };
  }

  private boolean scaleFollowsKept() {
    return Double.isNaN(scaleOverMean());
  }

  private static double mean(LayerInputs inputs, int pass) {
    double[] gathered = inputs.sums().get(pass);
    double count = gathered[COUNT];
    return count == 0 ? 0 : new BinnedSum(gathered, 0).value() / count;
  }
}
