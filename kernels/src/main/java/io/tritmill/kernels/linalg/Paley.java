package io.tritmill.kernels.linalg;

/**
 * Hadamard matrices whose order is no power of two, by Paley's constructions (Journal of
 * Mathematics and Physics 12, 1933) over the integers modulo a prime q.
 *
 * <p>With chi the quadratic character and Q = (chi(i - j)), the matrix C = (0 1'; +-1 Q) of order q
 * + 1 satisfies C C' = q I. Where q is 3 modulo 4, C is skew and I + C is a Hadamard matrix; where
 * q is 1 modulo 4, C is symmetric and C x (1 1; 1 -1) + I x (1 -1; -1 -1), of order 2 q + 2, is
 * one.
 */
final class Paley {
  private Paley() {}

  /**
   * The Hadamard matrix of an order.
   *
   * @param order 12, 20 or 28
   * @return (order, order), each element 1 or -1
   */
  static float[] matrix(int order) {
    return switch (order) {
      case 12 -> first(11);
      case 20 -> first(19);
      case 28 -> second(13);
      default -> throw new IllegalArgumentException("No Hadamard matrix of order " + order);
    };
  }

  private static float[] first(int q) {
    float[] h = conference(q, -1);
    for (int i = 0; i <= q; i++) {
      h[i * (q + 1) + i] = 1;
    }
    return h;
  }

  private static float[] second(int q) {
    int half = q + 1;
    int order = 2 * half;
    float[] c = conference(q, 1);
    float[] h = new float[order * order];
    for (int i = 0; i < half; i++) {
      for (int j = 0; j < half; j++) {
        float same = i == j ? 1 : 0;
        float element = c[i * half + j];
        int at = 2 * i * order + 2 * j;
        h[at] = element + same;
        h[at + 1] = element - same;
        h[at + order] = element - same;
        h[at + order + 1] = -element - same;
      }
    }
    return h;
  }

  /** (0 1'; sign Q), of order q + 1. */
  private static float[] conference(int q, int sign) {
    float[] c = new float[(q + 1) * (q + 1)];
    for (int i = 1; i <= q; i++) {
      c[i] = 1;
      c[i * (q + 1)] = sign;
      for (int j = 1; j <= q; j++) {
        c[i * (q + 1) + j] = character(Math.floorMod(i - j, q), q);
      }
    }
    return c;
  }

  /** 0 for zero, 1 for the squares modulo q, -1 for the rest. */
  private static int character(int a, int q) {
    if (a == 0) {
      return 0;
    }
    for (int root = 1; root < q; root++) {
      if (root * root % q == a) {
        return 1;
      }
    }
    return -1;
  }
}
