package io.tritmill.kernels.simd.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.api.Test;

class ScalarExponentialTest {
  @Property(tries = 10_000)
  void isRightToTheLastPlaces(@ForAll @FloatRange(min = -87, max = 88) float x) {
    double exact = StrictMath.exp(x);
    assertEquals(exact, ScalarExponential.exp(x), 1.5e-7 * exact);
  }

  @Test
  void zeroIsOneExactly() {
    assertEquals(1, ScalarExponential.exp(0));
    assertEquals(1, ScalarExponential.exp(-0f));
  }

  @Test
  void extremesStayFiniteAndNanStaysNan() {
    float least = ScalarExponential.exp(Float.NEGATIVE_INFINITY);
    assertTrue(least > 0 && least < 2e-38f, "e^-infinity is " + least);
    assertEquals(least, ScalarExponential.exp(-1e30f));
    float most = ScalarExponential.exp(Float.POSITIVE_INFINITY);
    assertTrue(most > 1e38f && most < Float.POSITIVE_INFINITY, "e^infinity is " + most);
    assertTrue(Float.isNaN(ScalarExponential.exp(Float.NaN)));
  }
}
