package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.Grid;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.StoredScale;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.Default;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.band.BandSweep;
import io.tritmill.kernels.quantize.band.GroupRule;
import io.tritmill.kernels.quantize.fit.GroupFit;
import io.tritmill.kernels.quantize.fit.OnePlane;
import io.tritmill.kernels.quantize.fit.ThreePlanes;
import io.tritmill.kernels.quantize.fit.TiedPlanes;
import io.tritmill.kernels.quantize.fit.TwoPlanes;
import io.tritmill.kernels.tensor.Matrix;

/**
 * Trit-planes by alternating least squares: post-training quantization to trit-planes
 * (arXiv:2509.16989).
 *
 * <p>Each group w is fitted by itself as a sum of planes t with scales a. From t = sign(w) for
 * every plane, two steps take turns: the scales from the normal equations of the codes with an
 * adaptive ridge, and for each weight the nearest of the levels that the scales make. It ends when
 * the codes repeat or after {@code iterations} turns. The scales are then rounded as they are
 * stored ({@link StoredScale}) and the codes chosen once more, so that they are nearest for those.
 *
 * <p>Scales come out non-negative and in descending order, a negative one being folded into its
 * plane's signs. The nearest level is found by thresholds on |w| halfway between neighbouring
 * levels, which decides ties: a weight exactly on a threshold takes the level nearer to zero; of
 * codes with equal levels the one with fewer nonzero trits is used, then the one that uses later
 * planes. A group of zeros has scales and trits of zero.
 *
 * <p>One plane is solved exactly instead, since its best threshold can be found by trying all.
 *
 * <p>Tied planes have scales 3:1 or 9:3:1, so that the levels are -4..4 or -13..13 times one stored
 * scale; that scale is fitted in the same turns, from the best of several starts.
 *
 * @param planes 1, 2 or 3
 * @param group who shares scales: a number of columns, or a row
 * @param tied whether one scale serves all planes of a group
 * @param iterations most turns, at least 1; groups of 128 need 14 on average
 */
public record Ptqtp(
    @Default("2") int planes,
    @Default("128") Group group,
    @Default("false") boolean tied,
    @Default("50") int iterations)
    implements Quantizer {
  public Ptqtp {
    if (planes < 1 || planes > 3) {
      throw new IllegalArgumentException("planes is 1, 2 or 3, found " + planes);
    }
    if (group.kind() == Group.Kind.TENSOR) {
      throw new IllegalArgumentException(
          "group is a number of columns or row, found tensor; use absmean, twn or statistical for"
              + " one scale a tensor");
    }
    if (iterations < 1) {
      throw new IllegalArgumentException("iterations is at least 1, found " + iterations);
    }
  }

  @Override
  public PlaneLayout levels() {
    return new PlaneLayout(planes, group, tied);
  }

  @Override
  public TritPlanes quantize(Matrix band, LayerInputs inputs) {
    int width = group.width(band.columns());
    int groups = group.perRow(band.columns());
    return BandSweep.eachGroup(band, levels(), new Rule(fit(width, groups), groups));
  }

  private GroupFit fit(int width, int groups) {
    if (planes == 1) {
      return new OnePlane(width);
    }
    if (tied) {
      return new TiedPlanes(planes, iterations, width);
    }
    return planes == 2 ? new TwoPlanes(iterations, groups) : new ThreePlanes(iterations, width);
  }

  /** Fits a row at once and gives its grids one by one. */
  private final class Rule implements GroupRule {
    private final GroupFit fit;
    private final double[] scales;

    Rule(GroupFit fit, int groups) {
      this.fit = fit;
      scales = new double[groups * levels().scalesPerGroup()];
    }

    @Override
    public void beginRow(float[] w, int offset, int columns) {
      fit.fitRow(w, offset, columns, group.width(columns), scales);
    }

    @Override
    public void fit(float[] w, int offset, int length, int number, Grid grid) {
      fit.levels(grid.begin(scales, number), grid);
    }
  }
}
