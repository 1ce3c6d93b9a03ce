package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.calibrate.stream.NumberFiles;
import io.tritmill.kernels.linalg.Strip;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.forward.ForwardPass;
import io.tritmill.kernels.model.forward.SublayerWeights;
import io.tritmill.kernels.model.loss.AttentionCurvature;
import io.tritmill.kernels.tensor.Matrix;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Sums of one chunk for the output metrics of query and key, made on the full-precision block. */
final class HeadSums {
  private final List<Sum> sums;
  private final Sublayer sublayer;
  private final Attention attention;

  /**
   * @param sublayer whose operator the attention is
   * @param sums those of query and of key
   */
  HeadSums(Sublayer sublayer, Attention attention, List<Sum> sums) {
    this.sublayer = sublayer;
    this.attention = attention;
    this.sums = sums;
  }

  /**
   * Runs the attention and writes all strips of all sums, in order.
   *
   * @param curvature that of the loss in the last residual stream, (hidden, hidden)
   * @param x (sum of lengths, hidden): the clean stream before the half; left as it is
   */
  void write(
      ForwardPass forward,
      SublayerWeights weights,
      Matrix curvature,
      float[] x,
      int[] lengths,
      NumberFiles.Writer out)
      throws IOException {
    int longest = Arrays.stream(lengths).max().orElseThrow();
    AttentionCurvature found =
        new AttentionCurvature(
            attention, longest, curvature, weights.linear(attention.output()).weight());
    forward.run(sublayer, weights, x, lengths, found, attention.output().site());
    write(sums.get(0), found.queries(), out);
    write(sums.get(1), found.keys(), out);
  }

  /** Cuts a whole matrix into the strips of its sum. */
  private static void write(Sum sum, Strip whole, NumberFiles.Writer out) throws IOException {
    int first = 0;
    for (int s = 0; s < sum.strips(); s++) {
      int width = sum.stripColumns(s);
      double[] strip = new double[sum.values(s)];
      for (int row = 0; row < sum.rows(); row++) {
        System.arraycopy(whole.values(), row * whole.columns() + first, strip, row * width, width);
      }
      out.write(strip);
      first += width;
    }
  }
}
