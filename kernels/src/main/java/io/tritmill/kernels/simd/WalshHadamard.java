package io.tritmill.kernels.simd;

import io.tritmill.kernels.simd.product.MatrixOps;
import io.tritmill.kernels.simd.product.ProductChoice;
import java.util.Objects;

/**
 * The steps of a fast Hadamard transform: factors, butterflies for powers of two, and a small
 * matrix of signs for what is left.
 *
 * <p>Results have the bits of plain loops: additions and subtractions in a fixed order.
 */
public final class WalshHadamard {
  private static final MatrixOps OPS = ProductChoice.MATRIX_OPS;

  private WalshHadamard() {}

  /** Multiplies neighbouring elements by as many factors as there are. */
  public static void scale(float[] x, int offset, float[] factors) {
    Objects.checkFromIndexSize(offset, factors.length, x.length);
    OPS.scale(x, offset, factors.length, factors);
  }

  /**
   * Replaces {@code 2^log} neighbouring elements by H x, H = (1 1; 1 -1) to the Kronecker power
   * log, in natural order.
   */
  public static void transform(float[] x, int offset, int log) {
    Objects.checkIndex(log, 31);
    Objects.checkFromIndexSize(offset, 1 << log, x.length);
    OPS.walshHadamard(x, offset, log);
  }

  /** Floats of memory that {@link #mix} works in. */
  public static int scratch(int order) {
    return order * 32;
  }

  /**
   * Replaces run r of a few neighbouring runs by the sum over s of {@code signs[r * order + s]}
   * times run s, in ascending order of s.
   *
   * @param x order runs of length run
   * @param order a multiple of 4
   * @param signs (order, order), each 1 or -1
   * @param scratch {@link #scratch} elements at least
   */
  public static void mix(
      float[] x, int offset, int order, int run, float[] signs, float[] scratch) {
    if (order < 1 || order % 4 != 0 || run < 0) {
      throw new IllegalArgumentException("%d runs of %d".formatted(order, run));
    }
    Objects.checkFromIndexSize(offset, Math.multiplyExact(order, run), x.length);
    Objects.checkFromIndexSize(0, order * order, signs.length);
    Objects.checkFromIndexSize(0, scratch(order), scratch.length);
    OPS.mix(x, offset, order, run, signs, scratch);
  }
}
