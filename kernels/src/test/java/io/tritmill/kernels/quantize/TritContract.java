package io.tritmill.kernels.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.tensor.Matrix;
import org.junit.jupiter.api.Test;

/** What every method promises whose codes are trits. */
public interface TritContract extends QuantizerContract {
  @Test
  default void tritsAreInRange() {
    for (int width : WIDTHS) {
      for (byte[] plane :
          quantizer().quantize(RandomWeights.laplace(7, width, width)).planes().trits()) {
        for (byte trit : plane) {
          assertTrue(trit >= -1 && trit <= 1, () -> "found " + trit);
        }
      }
    }
  }

  @Test
  default void scalesHaveEightBitsWithinHalfAndAreNotNegative() {
    for (int width : WIDTHS) {
      TritPlanes planes = quantizer().quantize(RandomWeights.gaussian(7, width, width)).planes();
      Group group = planes.layout().group();
      int perGroup = planes.layout().scalesPerGroup();
      for (int i = 0; i < planes.scales().length; i++) {
        float scale = planes.scales()[i];
        assertEquals(scale, Float.float16ToFloat(Float.floatToFloat16(scale)));
        int begin = i / perGroup % group.perRow(width) * group.width(width);
        boolean oneWeight = begin == width - 1; // which is kept as it is
        assertTrue(oneWeight || (Float.floatToRawIntBits(scale) & 0xffff) == 0, "" + scale);
        boolean shift = planes.layout().shifted() && (i + 1) % perGroup == 0;
        assertTrue(shift || scale >= 0, () -> "found " + scale);
      }
    }
  }

  @Test
  default void zeroRowsHaveNoTrits() {
    Matrix w = RandomWeights.gaussian(3, 172, 2);
    for (int column = 0; column < 172; column++) {
      w.values()[172 + column] = column % 2 == 0 ? 0f : -0f;
    }
    TritPlanes planes = quantizer().quantize(w).planes();
    for (byte[] plane : planes.trits()) {
      for (int column = 0; column < 172; column++) {
        assertEquals(0, plane[172 + column]);
      }
    }
    if (planes.layout().group().kind() != Group.Kind.TENSOR) {
      assertEquals(0f, planes.scale(1, 0, 0));
    }
  }

  @Test
  default void aZeroMatrixHasNoTrits() {
    TritPlanes planes = quantizer().quantize(Matrix.zeros(2, 13)).planes();
    assertArrayEquals(new float[planes.scales().length], planes.scales());
    for (byte[] plane : planes.trits()) {
      assertArrayEquals(new byte[26], plane);
    }
  }
}
