package io.tritmill.udf;

import io.tritmill.kernels.simd.Simd;
import org.apache.spark.sql.catalyst.util.ArrayData;

/** {@code absmean_scale(a)}: the scale of BitNet b1.58, before it is rounded to be stored. */
public final class AbsmeanScale extends KernelFunction<Float> {
  private static final long serialVersionUID = 1L;

  AbsmeanScale() {
    super("absmean_scale", "a array<float>", "float", "the mean of |a[i]|; null when a is empty");
  }

  /** Called by Spark. */
  public static Float invoke(ArrayData a) {
    if (a == null || a.numElements() == 0) {
      return null;
    }
    int length = a.numElements();
    return (float) (Simd.sumOfAbs(FloatArrays.copy("a", a), 0, length) / length);
  }
}
