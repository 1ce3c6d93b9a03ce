package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.calibrate.stream.NumberFiles;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.linalg.Strip;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.simd.ColumnProducts;
import io.tritmill.kernels.tensor.Matrix;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Set;
import org.apache.hadoop.fs.Path;

/**
 * Where the sums of one site lie: what travels to the task that fits a layer.
 *
 * @param tokens tokens that were fitted on
 * @param heldOutTokens tokens that were held out
 * @param site where they were seen
 * @param sums the matrices that there are
 * @param files for each of them the file of each strip
 * @param metrics what output metrics are made of; null when no layer needs one
 */
public record SiteStatistics(
    long tokens,
    long heldOutTokens,
    Site site,
    ArrayList<Sum> sums,
    ArrayList<ArrayList<String>> files,
    OutputMetrics metrics)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * Reads what a method needs; the rest stays null.
   *
   * @param leastWeight of a token in the sums, as the method asked for them
   * @param tensor name of the layer's weight in the model
   */
  public LayerStatistics load(Storage storage, Set<Need> needs, double leastWeight, String tensor) {
    Matrix metric = needs.contains(Need.OUTPUT_METRIC) ? metric(storage, tensor) : null;
    boolean guarded = needs.contains(Need.HELD_OUT) && heldOutTokens > 0;
    return overInputs(storage, new Asked(needs, false, leastWeight), metric)
        .withHeldOut(
            guarded ? overInputs(storage, new Asked(needs, true, leastWeight), null) : null);
  }

  /** Which of the sums over inputs. */
  private record Asked(Set<Need> needs, boolean heldOut, double leastWeight) {
    boolean has(Sum sum, Need need) {
      return sum.need() == need
          && sum.heldOut() == heldOut
          && sum.leastWeight() == leastWeight
          && needs.contains(need);
    }
  }

  private LayerStatistics overInputs(Storage storage, Asked asked, Matrix metric) {
    return new LayerStatistics(
        count(asked),
        gram(storage, asked),
        matrix(storage, asked, Need.INPUT_ERROR),
        matrix(storage, asked, Need.RESIDUAL_ERROR),
        metric,
        null);
  }

  private long count(Asked asked) {
    return asked.heldOut() ? heldOutTokens : tokens;
  }

  private Matrix metric(Storage storage, String tensor) {
    Module module = metrics.source().architecture().module(tensor).orElseThrow();
    int sum = 0;
    while (sum < sums.size() && sums.get(sum).metric() != module.metric()) {
      sum++;
    }
    int found = sum;
    try {
      return metrics.load(storage, module, s -> strip(storage, found, s));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int index(Asked asked, Need need) {
    for (int i = 0; i < sums.size(); i++) {
      if (asked.has(sums.get(i), need)) {
        return i;
      }
    }
    return -1;
  }

  private Matrix gram(Storage storage, Asked asked) {
    int i = index(asked, Need.GRAM);
    if (i < 0) {
      return null;
    }
    int columns = sums.get(i).columns();
    Matrix matrix = Matrix.zeros(columns, columns);
    for (int s = 0; s < sums.get(i).strips(); s++) {
      strip(storage, i, s).mirrorTo(matrix, 1.0 / count(asked));
    }
    return matrix;
  }

  private Matrix matrix(Storage storage, Asked asked, Need need) {
    int i = index(asked, need);
    if (i < 0) {
      return null;
    }
    Matrix matrix = Matrix.zeros(sums.get(i).rows(), sums.get(i).columns());
    for (int s = 0; s < sums.get(i).strips(); s++) {
      strip(storage, i, s).copyTo(matrix, 1.0 / count(asked));
    }
    return matrix;
  }

  private Strip strip(Storage storage, int i, int s) {
    Sum sum = sums.get(i);
    try {
      double[] values =
          NumberFiles.readDoubles(storage, new Path(files.get(i).get(s)), sum.values(s));
      return new Strip(s * ColumnProducts.STRIP, sum.stripColumns(s), sum.stripRows(s), values);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
