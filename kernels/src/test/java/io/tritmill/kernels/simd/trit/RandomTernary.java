package io.tritmill.kernels.simd.trit;

import io.tritmill.kernels.simd.ByteRows;
import io.tritmill.kernels.simd.TernaryMatrix;
import io.tritmill.kernels.simd.TernarySource;
import java.util.SplittableRandom;

/** A matrix of random planes, its trits and scales as plain arrays. */
public record RandomTernary(
    int rows,
    int columns,
    int planes,
    boolean tied,
    int groupColumns,
    byte[][] trits,
    float[] scales)
    implements TernarySource {

  public static RandomTernary of(
      int rows, int columns, int planes, boolean tied, int groupColumns, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[][] trits = new byte[planes][rows * columns];
    for (byte[] plane : trits) {
      for (int i = 0; i < plane.length; i++) {
        plane[i] = (byte) (random.nextInt(3) - 1);
      }
    }
    float[] scales = new float[rows * Math.ceilDiv(columns, groupColumns) * (tied ? 1 : planes)];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (float) random.nextDouble(-0.1, 0.3);
    }
    return new RandomTernary(rows, columns, planes, tied, groupColumns, trits, scales);
  }

  /** The same shape and scales with one trit everywhere. */
  public RandomTernary filledWith(int trit) {
    byte[][] filled = new byte[planes][rows * columns];
    for (byte[] plane : filled) {
      java.util.Arrays.fill(plane, (byte) trit);
    }
    return new RandomTernary(rows, columns, planes, tied, groupColumns, filled, scales);
  }

  @Override
  public void trits(int plane, int row, byte[] into) {
    System.arraycopy(trits[plane], row * columns, into, 0, columns);
  }

  @Override
  public void scales(int row, float[] into) {
    System.arraycopy(scales, row * into.length, into, 0, into.length);
  }

  /** One element of the product, as {@link TernaryMatrix} defines it. */
  public float product(int row, ByteRows x, int token) {
    float y = 0;
    int scale = scales.length / rows * row;
    for (int begin = 0; begin < columns; begin += groupColumns) {
      int end = Math.min(columns, begin + groupColumns);
      int sum = 0;
      for (int plane = 0; plane < planes; plane++) {
        int s = 0;
        for (int c = begin; c < end; c++) {
          s += trits[plane][row * columns + c] * x.value(token, c);
        }
        sum = 3 * sum + s;
        if (!tied) {
          y = Math.fma(scales[scale++], (float) s, y);
        }
      }
      if (tied) {
        y = Math.fma(scales[scale++], (float) sum, y);
      }
    }
    return y * x.scale(token);
  }
}
