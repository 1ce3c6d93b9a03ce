package io.tritmill.kernels.model.function;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ExponentialTest {
  @Property
  void doublesAreRightToTheLastPlaces(
      @ForAll @Size(min = 1, max = 70) List<@DoubleRange(min = -708, max = 709) Double> values) {
    double[] y = values.stream().mapToDouble(Double::doubleValue).toArray();
    Exponential.exp(y, y.length, new double[y.length]);
    for (int i = 0; i < y.length; i++) {
      double exact = StrictMath.exp(values.get(i));
      assertEquals(exact, y[i], 4.5e-16 * exact, "e^" + values.get(i));
    }
  }

  @Test
  void zeroIsOneExactlyAndTheRestStays() {
    double[] y = {0, 7};
    Exponential.exp(y, 1, new double[1]);
    assertArrayEquals(new double[] {1, 7}, y);
  }

  @Test
  void extremesStayFiniteAndNanStaysNan() {
    double[] y = {Double.NEGATIVE_INFINITY, Double.NaN};
    Exponential.exp(y, 2, new double[2]);
    assertTrue(y[0] >= 0 && y[0] < 1e-307, "e^-infinity is " + y[0]);
    assertTrue(Double.isNaN(y[1]));
  }
}
