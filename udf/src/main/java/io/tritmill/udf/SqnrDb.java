package io.tritmill.udf;

import org.apache.spark.sql.catalyst.util.ArrayData;

/** {@code sqnr_db(a, b)}: the signal a over the noise b - a, in decibels. */
public final class SqnrDb extends KernelFunction<Double> {
  private static final long serialVersionUID = 1L;

  SqnrDb() {
    super(
        "sqnr_db",
        "a array<float>, b array<float>",
        "double",
        "10 log10 of the sum of a[i]^2 over the sum of (a[i] - b[i])^2; infinite when b equals a");
  }

  /** Called by Spark. */
  public static Double invoke(ArrayData a, ArrayData b) {
    if (a == null || b == null) {
      return null;
    }
    double noise = SquaredError.invoke(a, b);
    if (noise == 0) {
      return Double.POSITIVE_INFINITY;
    }
    return 10 * Math.log10(SumOfSquares.invoke(a) / noise);
  }
}
