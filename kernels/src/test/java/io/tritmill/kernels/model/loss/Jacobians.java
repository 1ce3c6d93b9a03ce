package io.tritmill.kernels.model.loss;

import java.util.function.UnaryOperator;

/** Derivatives taken numerically, in double, for references that share nothing with the kernels. */
public final class Jacobians {
  private static final double STEP = 1e-5;

  private Jacobians() {}

  /** into[.., at + ..] += weight J' b J. */
  public static void addBent(
      double weight, double[][] jacobian, double[][] b, int at, double[][] into) {
    int n = jacobian[0].length;
    for (int r = 0; r < b.length; r++) {
      for (int c = 0; c < b.length; c++) {
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < n; j++) {
            into[i][at + j] += weight * jacobian[r][i] * b[r][c] * jacobian[c][j];
          }
        }
      }
    }
  }

  /** By central differences, (outputs, inputs). */
  public static double[][] of(double[] at, UnaryOperator<double[]> function) {
    double[][] jacobian = new double[function.apply(at).length][at.length];
    for (int i = 0; i < at.length; i++) {
      double[] more = at.clone();
      double[] less = at.clone();
      more[i] += STEP;
      less[i] -= STEP;
      double[] above = function.apply(more);
      double[] below = function.apply(less);
      for (int r = 0; r < jacobian.length; r++) {
        jacobian[r][i] = (above[r] - below[r]) / (2 * STEP);
      }
    }
    return jacobian;
  }
}
