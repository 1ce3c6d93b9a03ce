package io.tritmill.udf;

import io.tritmill.kernels.simd.Simd;
import org.apache.spark.sql.catalyst.util.ArrayData;

/** {@code ternarize(a, threshold)}: weights to -1, 0 and 1. */
public final class Ternarize extends KernelFunction<ArrayData> {
  /** The code of a magnitude below the threshold, and of one above. */
  private static final byte[] CODES = {0, 1};

  private static final long serialVersionUID = 1L;

  Ternarize() {
    super(
        "ternarize",
        "a array<float>, threshold float",
        "array<tinyint>",
        "the sign of a[i] where |a[i]| lies strictly above the threshold, else 0");
  }

  /** Called by Spark, which answers null by itself when the threshold is null. */
  public static ArrayData invoke(ArrayData a, float threshold) {
    if (a == null) {
      return null;
    }
    if (!(threshold >= 0)) {
      throw new IllegalArgumentException(
          "threshold is %s, expected 0 or more".formatted(threshold));
    }
    byte[] trits = new byte[a.numElements()];
    float[] values = FloatArrays.copy("a", a);
    Simd.classify(values, 0, trits.length, new float[] {threshold}, 1, CODES, trits, 0);
    return ArrayData.toArrayData(trits);
  }
}
