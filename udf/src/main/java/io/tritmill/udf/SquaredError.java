package io.tritmill.udf;

import io.tritmill.kernels.simd.Simd;
import org.apache.spark.sql.catalyst.util.ArrayData;

/** {@code squared_error(a, b)}: how far an approximation is off, as a sum of squares. */
public final class SquaredError extends KernelFunction<Double> {
  private static final long serialVersionUID = 1L;

  SquaredError() {
    super(
        "squared_error",
        "a array<float>, b array<float>",
        "double",
        "the sum of (a[i] - b[i])^2, in double");
  }

  /** Called by Spark. */
  public static Double invoke(ArrayData a, ArrayData b) {
    if (a == null || b == null) {
      return null;
    }
    FloatArrays.checkSameLength(a, b);
    return Simd.squaredError(
        FloatArrays.copy("a", a), 0, FloatArrays.copy("b", b), 0, a.numElements());
  }
}
