package io.tritmill.udf;

import io.tritmill.kernels.simd.Simd;
import org.apache.spark.sql.catalyst.util.ArrayData;

/** {@code sum_of_squares(a)}: the energy of a band of weights. */
public final class SumOfSquares extends KernelFunction<Double> {
  private static final long serialVersionUID = 1L;

  SumOfSquares() {
    super("sum_of_squares", "a array<float>", "double", "the sum of a[i]^2, in double");
  }

  /** Called by Spark. */
  public static Double invoke(ArrayData a) {
    return a == null ? null : Simd.sumOfSquares(FloatArrays.copy("a", a), 0, a.numElements());
  }
}
