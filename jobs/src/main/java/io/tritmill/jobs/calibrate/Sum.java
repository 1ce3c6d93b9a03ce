package io.tritmill.jobs.calibrate;

import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.simd.ColumnProducts;
import java.io.Serializable;

/**
 * One matrix of sums of products over tokens at one site, held in strips of columns.
 *
 * @param site where the tokens were seen
 * @param need what it is
 * @param metric whose output metric it is for; null for sums over inputs
 * @param rows rows; as many as columns for a Gram matrix
 * @param columns inputs of the site
 * @param heldOut whether over the tokens that were set aside
 * @param leastWeight weight of the token with the least attention; 1 where all count alike
 */
record Sum(
    Site site,
    Need need,
    LossMetric metric,
    int rows,
    int columns,
    boolean heldOut,
    double leastWeight)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** A sum over the inputs of a site. */
  static Sum ofInputs(Site site, Need need, int rows, int columns, boolean heldOut) {
    return new Sum(site, need, null, rows, columns, heldOut, 1);
  }

  /** A sum for an output metric: a Gram matrix, or the squares of heads side by side. */
  static Sum ofMetric(Site site, LossMetric metric, int rows, int columns) {
    return new Sum(site, Need.OUTPUT_METRIC, metric, rows, columns, false, 1);
  }

  /** This sum, its tokens weighted by the attention that they get. */
  Sum weighted(double least) {
    return new Sum(site, need, metric, rows, columns, heldOut, least);
  }

  /** Whether only strips of the upper half are held. */
  boolean symmetric() {
    return need == Need.GRAM || metric == LossMetric.GATE || metric == LossMetric.UP;
  }

  int strips() {
    return ColumnProducts.strips(columns);
  }

  int stripColumns(int strip) {
    return ColumnProducts.stripColumns(columns, strip);
  }

  int stripRows(int strip) {
    return symmetric() ? strip * ColumnProducts.STRIP + stripColumns(strip) : rows;
  }

  /** Values of a strip. */
  int values(int strip) {
    return Math.multiplyExact(stripRows(strip), stripColumns(strip));
  }

  /** Bytes of all strips in files. */
  long bytes() {
    return valuesBefore(strips()) * Double.BYTES;
  }

  /** Values of all strips before this one; of all for the number of strips. */
  long valuesBefore(int strip) {
    long values = 0;
    for (int s = 0; s < strip; s++) {
      values += values(s);
    }
    return values;
  }
}
