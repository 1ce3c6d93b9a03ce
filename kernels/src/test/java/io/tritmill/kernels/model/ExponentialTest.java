package io.tritmill.kernels.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ExponentialTest {
  @Property
  void floatsAreRightToTheLastPlaces(
      @ForAll @Size(min = 1, max = 70) List<@FloatRange(min = -87, max = 88) Float> values) {
    float[] y = new float[values.size()];
    for (int i = 0; i < y.length; i++) {
      y[i] = values.get(i);
    }
    Exponential.exp(y, y.length, new float[y.length]);
    for (int i = 0; i < y.length; i++) {
      double exact = StrictMath.exp(values.get(i));
      assertEquals(exact, y[i], 1.5e-7 * exact, "e^" + values.get(i));
    }
  }

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
    float[] x = {0, -0f, 7};
    Exponential.exp(x, 2, new float[2]);
    assertArrayEquals(new float[] {1, 1, 7}, x);
    double[] y = {0, 7};
    Exponential.exp(y, 1, new double[1]);
    assertArrayEquals(new double[] {1, 7}, y);
  }

  @Test
  void extremesStayFiniteAndNanStaysNan() {
    float[] x = {Float.NEGATIVE_INFINITY, -1e30f, Float.POSITIVE_INFINITY, Float.NaN};
    Exponential.exp(x, 4, new float[4]);
    assertTrue(x[0] >= 0 && x[0] < 2e-38f, "e^-infinity is " + x[0]);
    assertEquals(x[0], x[1]);
    assertTrue(x[2] > 1e38f, "e^infinity is " + x[2]);
    assertTrue(Float.isNaN(x[3]));
    double[] y = {Double.NEGATIVE_INFINITY, Double.NaN};
    Exponential.exp(y, 2, new double[2]);
    assertTrue(y[0] >= 0 && y[0] < 1e-307, "e^-infinity is " + y[0]);
    assertTrue(Double.isNaN(y[1]));
  }
}
