package io.tritmill.kernels.simd.product;

/** The definition of {@link MatrixOps}: plain loops. */
final class ScalarMatrixOps implements MatrixOps {
  @Override
  public void gather(
      int rows, int width, float[] source, int from, int stride, float[] into, int at) {
    for (int p = 0; p < rows; p++) {
      System.arraycopy(source, from + p * stride, into, at + p * width, width);
    }
  }

  @Override
  public void addTile(
      int rows, int columns, float[] tile, int tileStride, double[] c, int cAt, int cStride) {
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < columns; j++) {
        c[cAt + r * cStride + j] += tile[r * tileStride + j];
      }
    }
  }

  @Override
  public void scale(float[] x, int at, int length, float[] factors) {
    for (int j = 0; j < length; j++) {
      x[at + j] *= factors[j];
    }
  }

  @Override
  public void walshHadamard(float[] x, int at, int log) {
    int length = 1 << log;
    for (int h = 1; h < length; h *= 2) {
      for (int first = at; first < at + length; first += 2 * h) {
        for (int i = first; i < first + h; i++) {
          float a = x[i];
          float b = x[i + h];
          x[i] = a + b;
          x[i + h] = a - b;
        }
      }
    }
  }

  @Override
  public void mix(float[] x, int at, int order, int run, float[] signs, float[] scratch) {
    for (int i = at; i < at + run; i++) {
      for (int s = 0; s < order; s++) {
        scratch[s] = x[i + s * run];
      }
      for (int r = 0; r < order; r++) {
        float sum = signs[r * order] * scratch[0];
        for (int s = 1; s < order; s++) {
          sum += signs[r * order + s] * scratch[s];
        }
        x[i + r * run] = sum;
      }
    }
  }
}
