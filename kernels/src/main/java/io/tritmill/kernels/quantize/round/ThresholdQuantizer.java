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
   * threshold, each followed by their count. The sums are exact: bands of any sizes, added in any
   * order, give the same arrays.
   */
  @Override
  default double[] observe(Matrix band, LayerInputs inputs) {
    boolean first = inputs.sums().isEmpty();
    float[] threshold = {first ? 0 : (float) (thresholdOverMean() * mean(inputs, 0))};
    int[] count = new int[1];
    float[] keptSum = new float[1];
    double[] gathered = new double[BinnedSum.BINS + 1];
    BinnedSum sum = new BinnedSum(gathered, 0);
    for (int row = 0; row < band.rows(); row++) {
      BandSweep.requireFinite(band, row);
      int offset = row * band.columns();
      if (first) {
        sum.add(Simd.sumOfAbs(band.values(), offset, band.columns()));
        gathered[BinnedSum.BINS] += band.columns();
      } else {
        Simd.tally(band.values(), offset, band.columns(), threshold, 1, count, keptSum);
        sum.add(keptSum[0]);
        gathered[BinnedSum.BINS] += count[0];
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

  private boolean scaleFollowsKept() {
    return Double.isNaN(scaleOverMean());
  }

  private static double mean(LayerInputs inputs, int pass) {
    double[] gathered = inputs.sums().get(pass);
    double count = gathered[BinnedSum.BINS];
    return count == 0 ? 0 : new BinnedSum(gathered, 0).value() / count;
  }
}
