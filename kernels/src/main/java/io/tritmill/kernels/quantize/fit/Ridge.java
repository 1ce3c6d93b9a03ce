package io.tritmill.kernels.quantize.fit;

/**
 * The scales of given codes: least squares with a small ridge, (S'S + lambda I) x = S'w.
 *
 * <p>lambda begins at 1e-8 and grows tenfold, up to 1, while the condition number ||A|| ||A^-1||
 * (Frobenius) exceeds 1e6. The entries of S'S are counts; everything is double, since a count of
 * 128 swallows the first lambda in float. The scales follow from the codes alone, so codes that
 * repeat end a fit.
 */
final class Ridge {
  private static final double FIRST_LAMBDA = 1e-8;
  private static final double LAST_LAMBDA = 1;
  private static final double WORST_CONDITION = 1e6;

  private double first;
  private double second;
  private double third;

  /** Solves for two planes. */
  void solve(double n11, double n12, double n22, double b1, double b2) {
    for (double lambda = FIRST_LAMBDA; ; lambda *= 10) {
      double a11 = n11 + lambda;
      double a22 = n22 + lambda;
      double determinant = a11 * a22 - n12 * n12;
      double squared = a11 * a11 + a22 * a22 + 2 * n12 * n12;
      if (squared <= WORST_CONDITION * Math.abs(determinant) || lambda >= LAST_LAMBDA) {
        double inverse = 1 / determinant;
        first = (a22 * b1 - n12 * b2) * inverse;
        second = (a11 * b2 - n12 * b1) * inverse;
        return;
      }
    }
  }

  /**
   * Solves for three planes.
   *
   * @param n counts (1,1), (1,2), (1,3), (2,2), (2,3), (3,3)
   * @param b sums of the three planes
   */
  void solve(double[] n, double[] b) {
    for (double lambda = FIRST_LAMBDA; ; lambda *= 10) {
      double a11 = n[0] + lambda;
      double a22 = n[3] + lambda;
      double a33 = n[5] + lambda;
      double c11 = a22 * a33 - n[4] * n[4];
      double c12 = n[2] * n[4] - n[1] * a33;
      double c13 = n[1] * n[4] - n[2] * a22;
      double c22 = a11 * a33 - n[2] * n[2];
      double c23 = n[1] * n[2] - a11 * n[4];
      double c33 = a11 * a22 - n[1] * n[1];
      double determinant = a11 * c11 + n[1] * c12 + n[2] * c13;
      double norm = squares(a11, a22, a33, n[1], n[2], n[4]);
      double inverseNorm = squares(c11, c22, c33, c12, c13, c23) / (determinant * determinant);
      if (norm * inverseNorm <= WORST_CONDITION * WORST_CONDITION || lambda >= LAST_LAMBDA) {
        double inverse = 1 / determinant;
        first = (c11 * b[0] + c12 * b[1] + c13 * b[2]) * inverse;
        second = (c12 * b[0] + c22 * b[1] + c23 * b[2]) * inverse;
        third = (c13 * b[0] + c23 * b[1] + c33 * b[2]) * inverse;
        return;
      }
    }
  }

  /** The squared Frobenius norm of a symmetric matrix. */
  private static double squares(double d1, double d2, double d3, double s1, double s2, double s3) {
    return d1 * d1 + d2 * d2 + d3 * d3 + 2 * (s1 * s1 + s2 * s2 + s3 * s3);
  }

  double first() {
    return first;
  }

  double second() {
    return second;
  }

  double third() {
    return third;
  }
}
