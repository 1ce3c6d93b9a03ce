package io.tritmill.kernels.model.loss;

import io.tritmill.kernels.linalg.Strip;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.simd.ColumnProducts;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.function.IntFunction;

/**
 * Output metrics G of the linear modules of a block: an error e of a module's outputs costs e'Ge /
 * 2 of the loss.
 *
 * <p>The residual network's identity path carries an error of any sublayer's output to the last
 * stream almost unchanged, so one matrix, the curvature M in that stream ({@link LossCurvature}),
 * is the metric of output and down, and the others follow from it through the few operations that
 * lie between. All metrics are symmetric and, up to rounding, positive semi-definite; none is
 * damped. They are in the units of the loss, so that damages of different modules can be compared.
 */
public final class ModuleMetrics {
  private ModuleMetrics() {}

  /**
   * Of value: for each key and value head the sum of Wo' M Wo over the query heads that share it,
   * and nothing between heads.
   *
   * <p>An error of a value reaches the heads' results through the attention's average. That average
   * is left out here, so that damages of value are an upper estimate.
   *
   * @param curvature M, (hidden, hidden)
   * @param output the block's output weight, (hidden, heads * headSize)
   * @return (keyValueHeads * headSize, the same)
   */
  public static Matrix value(Attention module, Matrix curvature, WeightRows output) {
    int size = module.headSize();
    int groups = module.keyValueHeads();
    int width = groups * size;
    int sharing = module.heads() / groups;
    HeadMetric metric = new HeadMetric(module, curvature, output);
    Matrix g = Matrix.zeros(width, width);
    for (int group = 0; group < groups; group++) {
      double[] sum = metric.block(group * sharing).clone();
      for (int head = group * sharing + 1; head < (group + 1) * sharing; head++) {
        double[] block = metric.block(head);
        for (int i = 0; i < sum.length; i++) {
          sum[i] += block[i];
        }
      }
      for (int i = 0; i < sum.length; i++) {
        int at = (group * size + i / size) * width + group * size + i % size;
        g.values()[at] = (float) sum[i];
      }
    }
    return g;
  }

  /**
   * Of query or key: the squares of all heads along the diagonal, and nothing between heads.
   *
   * @param squares sums of {@link AttentionCurvature}, (headSize, width)
   * @param factor one over the number of queries used
   * @return (width, width)
   */
  public static Matrix heads(Strip squares, double factor) {
    int size = squares.rows();
    int width = squares.columns();
    Matrix g = Matrix.zeros(width, width);
    for (int i = 0; i < size; i++) {
      for (int column = 0; column < width; column++) {
        int row = column / size * size + i;
        double value = squares.values()[i * width + column];
        g.values()[row * width + column] = (float) (value * factor);
      }
    }
    return g;
  }

  /**
   * Of gate or up: (Wd' M Wd) * S, element by element, with S the mean of a a' or b b' (see {@link
   * FeedForwardCurvature}).
   *
   * <p>Takes the weight in floats beside the result, and one strip at a time.
   *
   * @param curvature M, (hidden, hidden)
   * @param down the weight of down as products of gate and up meet it: times the rotation of its
   *     inputs, if there is one; (hidden, intermediate)
   * @param strips strip s of the sum of a a' or b b', in the form of {@link
   *     io.tritmill.kernels.linalg.Gram#strip}
   * @param factor one over the number of tokens used
   * @return (intermediate, intermediate)
   */
  public static Matrix feedForward(
      Matrix curvature, WeightRows down, IntFunction<Strip> strips, double factor) {
    int hidden = down.rows();
    int wide = down.columns();
    float[] columns = columns(down);
    Matrix g = Matrix.zeros(wide, wide);
    float[] bent = new float[ColumnProducts.STRIP * hidden]; // Wd' M of the strip's columns
    float[] product = new float[Math.multiplyExact(ColumnProducts.STRIP, wide)];
    for (int s = 0; s < ColumnProducts.strips(wide); s++) {
      Strip strip = strips.apply(s);
      int width = strip.columns();
      int at = strip.first() * hidden;
      float[] m = curvature.values();
      Gemm.multiply(width, hidden, hidden, columns, at, hidden, m, 0, hidden, bent, 0, hidden);
      Gemm.multiplyTransposed(
          width, strip.rows(), hidden, bent, 0, hidden, columns, 0, hidden, product, 0, wide);
      fill(strip, product, factor, g);
    }
    return g;
  }

  /** Both halves of G, from the upper half of the products. */
  private static void fill(Strip strip, float[] product, double factor, Matrix g) {
    int wide = g.columns();
    for (int j = 0; j < strip.columns(); j++) {
      int column = strip.first() + j;
      for (int row = 0; row <= column; row++) {
        double sum = strip.values()[row * strip.columns() + j];
        float value = (float) (product[j * wide + row] * (sum * factor));
        g.values()[row * wide + column] = value;
        g.values()[column * wide + row] = value;
      }
    }
  }

  /** The columns of a weight as rows, (columns, rows). */
  private static float[] columns(WeightRows weight) {
    int rows = weight.rows();
    int columns = weight.columns();
    float[] transposed = new float[Math.multiplyExact(rows, columns)];
    float[] row = new float[columns];
    for (int i = 0; i < rows; i++) {
      weight.decode(i, 1, row, 0);
      for (int j = 0; j < columns; j++) {
        transposed[j * rows + i] = row[j];
      }
    }
    return transposed;
  }
}
