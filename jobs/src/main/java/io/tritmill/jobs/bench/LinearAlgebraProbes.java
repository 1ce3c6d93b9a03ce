package io.tritmill.jobs.bench;

import io.tritmill.jobs.bench.Costs.Place;
import io.tritmill.kernels.linalg.Cholesky;
import io.tritmill.kernels.linalg.GramAccumulator;
import io.tritmill.kernels.linalg.Hadamard;
import io.tritmill.kernels.tensor.Matrix;
import java.util.List;

/** What error compensation and rotations are made of. */
final class LinearAlgebraProbes {
  static final List<Probe> ALL =
      List.of(
          new Probe("gram", "1024 tokens of 1024", Unit.GFLOP, LinearAlgebraProbes::gram),
          new Probe("inverse factor", "1024 x 1024", Unit.GFLOP, LinearAlgebraProbes::inverse),
          new Probe("hadamard", "32 rows of 2048", Unit.GBYTE, () -> rotation(32, 2048)),
          new Probe("hadamard", "8 rows of 11008", Unit.GBYTE, () -> rotation(8, 11008)));

  private LinearAlgebraProbes() {}

  private static Work gram() {
    int n = 1024;
    GramAccumulator gram = new GramAccumulator(n);
    float[] x = RandomOperands.floats(n * n);
    // The upper half once: x is read, and the sums in double read and written.
    double half = n * (n + 1) / 2.0;
    return new Work(
        Costs.ofProduct(n * half, 4.0 * n * n + 16 * half),
        () -> {
          gram.add(n, x);
          return x[0];
        });
  }

  private static Work inverse() {
    int n = 1024;
    float[] h = definite(n);
    float[] memory = new float[n * n];
    // The factor takes n^3 / 6 multiply-adds, and its inverse as many.
    return new Work(
        Costs.ofProduct((double) n * n * n / 3, 2.0 * Float.BYTES * n * n),
        () -> {
          System.arraycopy(h, 0, memory, 0, h.length);
          return Cholesky.factor(new Matrix(n, n, memory), 0).takeInverseFactor().values()[0];
        });
  }

  /** A symmetric matrix whose diagonal dominates. */
  private static float[] definite(int n) {
    float[] values = RandomOperands.floats(n * n);
    float[] h = new float[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        h[i * n + j] = values[Math.min(i, j) * n + Math.max(i, j)];
      }
      h[i * n + i] = 0.1f * n;
    }
    return h;
  }

  /** There and back, so that values stay what they are. */
  private static Work rotation(int rows, int width) {
    Hadamard rotation = Hadamard.of(width, 1);
    float[] x = RandomOperands.floats(rows * width);
    double passes = 2;
    double operations = passes * Math.log(width) / Math.log(2);
    return new Work(
        Costs.ofElements(rows * width, operations, passes * 2 * Float.BYTES, Place.CACHE),
        () -> {
          rotation.apply(rows, x, 0, width);
          rotation.invert(rows, x, 0, width);
          return x.length;
        });
  }
}
