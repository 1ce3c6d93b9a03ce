package io.tritmill.kernels.model.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class XieluTest {
  private static final Xielu PUBLISHED = new Xielu(0.8f, 0.9f, 0.5f, -1e-6f);

  private static float[] apply(Xielu xielu, float... z) {
    float[] y = z.clone();
    xielu.apply(y, new float[y.length], y.length);
    return y;
  }

  private static double exact(Xielu xielu, double z) {
    return z > 0
        ? xielu.p() * z * z + xielu.beta() * z
        : xielu.n() * (Math.expm1(Math.min(z, xielu.epsilon())) - z) + xielu.beta() * z;
  }

  @Property
  void isWhatThePaperSays(
      @ForAll @Size(min = 1, max = 70) List<@FloatRange(min = -60, max = 60) Float> values,
      @ForAll @FloatRange(min = -2, max = 0) float epsilon) {
    Xielu xielu = new Xielu(0.3f, 1.7f, 0.25f, epsilon);
    float[] z = new float[values.size()];
    for (int i = 0; i < z.length; i++) {
      z[i] = values.get(i);
    }
    float[] y = apply(xielu, z);
    for (int i = 0; i < z.length; i++) {
      // Terms of either sign meet below 0.
      double terms = Math.abs(xielu.n() * z[i]) + Math.abs(exact(xielu, z[i])) + 1e-7;
      assertEquals(exact(xielu, z[i]), y[i], 5e-7 * terms + 2e-7, "at " + z[i]);
    }
  }

  @Test
  void smallNegativeValuesKeepTheirDigits() {
    float z = -1e-3f;
    // n z^2 / 2 is a thousandth of beta z: what a difference of e^z and 1 would blur.
    assertEquals(exact(PUBLISHED, z), apply(PUBLISHED, z)[0], 1e-10);
  }

  @Test
  void nanStaysNan() {
    assertTrue(Float.isNaN(apply(PUBLISHED, Float.NaN)[0]));
  }
}
