package io.tritmill.kernels.model.loss;

import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.Arrays;

/**
 * The curvature of the loss in the result of each attention head: B = Wo' M Wo, with Wo the columns
 * of the output weight that read the head and M the curvature in the residual stream.
 */
final class HeadMetric {
  /** Share of the first pivot below which a pivot is the rounding of a zero. */
  private static final double ROUNDING = 1e-6;

  private final int size;
  private final double[][] blocks; // (heads) of (headSize, headSize)

  /**
   * @param curvature M, (hidden, hidden)
   * @param output (hidden, heads * headSize)
   */
  HeadMetric(Attention module, Matrix curvature, WeightRows output) {
    size = module.headSize();
    int hidden = output.rows();
    int width = module.heads() * size;
    float[] o = new float[Math.multiplyExact(hidden, width)];
    output.decode(0, hidden, o, 0);
    float[] bent = new float[o.length]; // M Wo
    Gemm.multiply(
        hidden, width, hidden, curvature.values(), 0, hidden, o, 0, width, bent, 0, width);
    blocks = new double[module.heads()][];
    for (int head = 0; head < module.heads(); head++) {
      blocks[head] = block(hidden, width, head * size, o, bent);
    }
  }

  /** Wo' (M Wo) of one head, in double, the mean of both halves. */
  private double[] block(int hidden, int width, int column, float[] o, float[] bent) {
    double[] block = new double[size * size];
    for (int c = 0; c < hidden; c++) {
      int row = c * width + column;
      for (int i = 0; i < size; i++) {
        double left = o[row + i];
        for (int j = 0; j < size; j++) {
          block[i * size + j] += left * bent[row + j];
        }
      }
    }
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < i; j++) {
        double mean = (block[i * size + j] + block[j * size + i]) / 2;
        block[i * size + j] = mean;
        block[j * size + i] = mean;
      }
    }
    return block;
  }

  /** B of a head, (headSize, headSize), symmetric. */
  double[] block(int head) {
    return blocks[head];
  }

  /**
   * N with B factor = N'N, (headSize, headSize).
   *
   * <p>A Cholesky factor whose pivot is the largest diagonal element left: B may be singular, and
   * what is below rounding stays zero.
   */
  float[] root(int head, double factor) {
    double[] rest = blocks[head].clone();
    float[] root = new float[size * size];
    double enough = ROUNDING * rest[largest(rest) * (size + 1)];
    for (int step = 0; step < size; step++) {
      int p = largest(rest);
      double pivot = rest[p * size + p];
      if (!(pivot > enough)) {
        break;
      }
      double[] row = Arrays.copyOfRange(rest, p * size, (p + 1) * size);
      for (int i = 0; i < size; i++) {
        root[step * size + i] = (float) (row[i] * Math.sqrt(factor / pivot));
        for (int j = 0; j < size; j++) {
          rest[i * size + j] -= row[i] * row[j] / pivot;
        }
      }
    }
    return root;
  }

  /** The largest diagonal element. */
  private int largest(double[] square) {
    int largest = 0;
    for (int i = 1; i < size; i++) {
      if (square[i * size + i] > square[largest * size + largest]) {
        largest = i;
      }
    }
    return largest;
  }
}
