package io.tritmill.udf;

import org.apache.spark.sql.catalyst.util.ArrayData;

/** Spark's arrays of floats as plain ones. */
final class FloatArrays {
  private FloatArrays() {}

  /**
   * A copy of the values.
   *
   * @param name what the argument is called
   * @throws IllegalArgumentException if one of the values is null
   */
  static float[] copy(String name, ArrayData array) {
    for (int i = 0; i < array.numElements(); i++) {
      if (array.isNullAt(i)) {
        throw new IllegalArgumentException("%s[%d] is null, expected a number".formatted(name, i));
      }
    }
    return array.toFloatArray();
  }

  /**
   * Makes sure that b can be compared with a.
   *
   * @throws IllegalArgumentException if they differ in length
   */
  static void checkSameLength(ArrayData a, ArrayData b) {
    if (a.numElements() != b.numElements()) {
      throw new IllegalArgumentException(
          "a has %d values and b has %d, expected as many"
              .formatted(a.numElements(), b.numElements()));
    }
  }
}
