package io.tritmill.kernels.simd.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.kernels.simd.Simd;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The facade refuses ranges that its arrays do not have. */
class SimdTest {
  private final float[] a = new float[40];
  private final int[] ints = new int[40];
  private final byte[] bytes = new byte[80];

  @Test
  void rangesAreChecked() {
    List<Executable> calls =
        List.of(
            () -> Simd.dot(a, 0, a, 1, 40),
            () -> Simd.dot(a, -1, a, 0, 8),
            () -> Simd.sumOfAbs(a, 33, 8),
            () -> Simd.sumOfSquares(a, 0, 41),
            () -> Simd.squaredError(a, 20, a, 0, 32),
            () -> Simd.firstNonFinite(a, 0, -1),
            () -> Simd.tally(a, 9, 32, a, 4, ints, a),
            () -> Simd.tally(a, 0, 32, a, 4, new int[3], a),
            () -> Simd.classify(a, 0, 32, a, 4, bytes, bytes, 49),
            () -> Simd.classify(a, 0, 32, a, 4, new byte[4], bytes, 0),
            () -> Simd.sortMagnitudes(a, 0, 40, ints, 1),
            () -> Simd.decodeBf16(bytes, 2, a, 0, 40),
            () -> Simd.decodeBf16(bytes, 0, a, 8, 33),
            () -> Simd.decodeF16(bytes, 1, a, 0, 40));
    for (Executable call : calls) {
      assertThrows(IndexOutOfBoundsException.class, call);
    }
  }

  @Test
  void aLengthThatOverflowsIsRefused() {
    assertThrows(
        ArithmeticException.class, () -> Simd.decodeF16(bytes, 0, a, 0, Integer.MAX_VALUE));
  }

  @Test
  void emptyRangesAreFineAnywhere() {
    assertEquals(0f, Simd.dot(a, 40, a, 40, 0));
    assertEquals(-1, Simd.firstNonFinite(a, 40, 0));
    Simd.tally(a, 40, 0, a, 1, ints, a);
    assertEquals(0, ints[0]);
  }
}
