package io.tritmill.kernels.simd;

import io.tritmill.kernels.simd.product.ProductParts;
import java.util.Objects;

/**
 * A single row against the rows of a weight that is decoded a few at a time: each element is a sum
 * over 32 lanes, as {@link Simd#dot} defines it, and not the one chain that it is in {@link Gemm}.
 *
 * <p>Several times as fast as that chain, and as exact. A large product takes the cores that are
 * there for it; no bit depends on them.
 */
public final class RowDots {
  /**
   * Floats that are decoded at once, or one row where that is more: they stay in the first cache.
   */
  private static final int ROOM = 1 << 12;

  private static final ThreadLocal<float[]> OF_THREAD = ThreadLocal.withInitial(() -> new float[0]);

  private RowDots() {}

  /**
   * y[r] = w[r] x.
   *
   * @param x (w.columns())
   * @param y (w.rows()); overwritten
   */
  public static void multiply(float[] x, RowSource w, float[] y) {
    Objects.checkFromIndexSize(0, w.columns(), x.length);
    Objects.checkFromIndexSize(0, w.rows(), y.length);
    // What is read when it is asked for first is read by this thread.
    w.decode(0, 0, y, 0);
    ProductParts.runRow(
        w.rows(), w.columns(), (row, rows, first, count) -> multiply(x, w, first, count, y));
  }

  private static void multiply(float[] x, RowSource w, int first, int count, float[] y) {
    int columns = w.columns();
    int most = Math.max(1, ROOM / Math.max(1, columns));
    float[] rows = OF_THREAD.get();
    if (rows.length < most * columns) {
      rows = new float[most * columns];
      OF_THREAD.set(rows);
    }
    for (int done = 0; done < count; done += most) {
      int some = Math.min(most, count - done);
      w.decode(first + done, some, rows, 0);
      for (int i = 0; i < some; i++) {
        y[first + done + i] = Simd.dot(x, 0, rows, i * columns, columns);
      }
    }
  }
}
