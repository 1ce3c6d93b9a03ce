package io.tritmill.kernels.simd.lanes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.kernels.simd.LaneSteps;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What runs on this machine against the plain loops that define it, and these by hand. */
class LaneStepsTest {
  private static final LaneOps OPS = Implementation.LANE_OPS;
  private static final LaneOps DEFINITION = new ScalarLaneOps();

  @Property(tries = 200)
  void subtractProducts(
      @ForAll @IntRange(max = 150) int lanes,
      @ForAll @IntRange(max = 20) int depth,
      @ForAll @IntRange(max = 9) int more) {
    int stride = lanes + more;
    float[] factors = random(more + depth, 1);
    float[] x = random(more + depth * stride, 2);
    float[] expected = random(more + lanes + 3, 3);
    float[] actual = expected.clone();
    DEFINITION.subtractProducts(lanes, depth, factors, more, x, more, stride, expected, more);
    OPS.subtractProducts(lanes, depth, factors, more, x, more, stride, actual, more);
    assertBits(expected, actual);
  }

  @Property(tries = 100)
  void roundings(@ForAll @IntRange(max = 100) int lanes, @ForAll @IntRange(max = 13) int levels) {
    float[] w = random(2 + lanes, 4);
    float[] scale = random(1 + lanes, 5);
    float[] inverse = new float[scale.length];
    for (int i = 0; i < scale.length; i++) {
      scale[i] = i % 7 == 0 ? 0 : Math.abs(scale[i]);
      inverse[i] = scale[i] == 0 ? 0 : 1 / scale[i];
    }
    float[] low = new float[scale.length];
    float[] high = new float[scale.length];
    Arrays.fill(low, -4);
    Arrays.fill(high, 3);
    float[] expected = new float[3 + lanes];
    float[] actual = new float[3 + lanes];
    DEFINITION.nearestInteger(lanes, w, 2, scale, inverse, low, high, 1, expected, 3);
    OPS.nearestInteger(lanes, w, 2, scale, inverse, low, high, 1, actual, 3);
    assertBits(expected, actual);

    float[] thresholds = random(1 + levels * (lanes + 1), 6);
    float[] values = random(thresholds.length, 7);
    DEFINITION.nearestLevel(lanes, w, 2, levels, thresholds, values, 1, lanes + 1, expected, 3);
    OPS.nearestLevel(lanes, w, 2, levels, thresholds, values, 1, lanes + 1, actual, 3);
    assertBits(expected, actual);
  }

  @Property(tries = 100)
  void descent(@ForAll @IntRange(max = 100) int lanes) {
    float[] a = random(1 + lanes, 8);
    float[] b = random(2 + lanes, 9);
    float[] damping = random(3 + lanes, 10);
    float[] expected = random(4 + lanes, 11);
    float[] actual = expected.clone();
    DEFINITION.descentTarget(lanes, a, 1, b, 2, 4, damping, 3, expected, 4);
    OPS.descentTarget(lanes, a, 1, b, 2, 4, damping, 3, actual, 4);
    assertBits(expected, actual);
    float[] otherA = a.clone();
    DEFINITION.takeNearer(lanes, damping, 3, b, 2, a, 1, expected, 4);
    OPS.takeNearer(lanes, damping, 3, b, 2, otherA, 1, actual, 4);
    assertBits(a, otherA);
    assertBits(expected, actual);
  }

  @Test
  void integersByHand() {
    float[] w = {0.9f, -9, 1.25f, 0.75f, 5, -0.2f};
    float[] scale = {0.5f, 0.5f, 0.5f, 0.5f, 0, 0.5f};
    float[] inverse = {2, 2, 2, 2, 0, 2};
    float[] low = {-4, -4, -4, -4, -4, -4};
    float[] high = {3, 3, 3, 1, 3, 3};
    float[] into = new float[6];
    LaneSteps.nearestInteger(6, w, 0, scale, inverse, low, high, 0, into, 0);
    assertArrayEquals(new float[] {1, -2, 1, 0.5f, 0, 0}, into);
  }

  @Test
  void levelsByHand() {
    float[] w = {0.4f, -0.6f, 3, -1};
    float[] thresholds = {0.5f, 0.5f, 0.5f, 0.5f, 1, 1, 1, 1};
    float[] values = {0.7f, 0.7f, 0.7f, 0.7f, 1.4f, 1.4f, 1.4f, 1.4f};
    float[] into = new float[4];
    LaneSteps.nearestLevel(4, w, 0, 2, thresholds, values, 0, 4, into, 0);
    assertArrayEquals(new float[] {0, -0.7f, 1.4f, -0.7f}, into);
  }

  @Test
  void equallyNearKeepsWhatIsThere() {
    float[] q = {0, 0};
    float[] change = new float[2];
    LaneSteps.takeNearer(2, new float[] {1, 1.5f}, 0, new float[] {2, 2}, 0, q, 0, change, 0);
    assertArrayEquals(new float[] {0, 2}, q);
    assertArrayEquals(new float[] {0, 2}, change);
  }

  @Test
  void rangesAreChecked() {
    float[] six = new float[6];
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> LaneSteps.subtractProducts(3, 2, six, 0, six, 0, 4, six, 0));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> LaneSteps.nearestLevel(3, six, 0, 3, six, six, 0, 2, six, 0));
  }

  private static void assertBits(float[] expected, float[] actual) {
    assertEquals(-1, Arrays.mismatch(expected, actual));
  }

  private static float[] random(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] a = new float[length];
    for (int i = 0; i < length; i++) {
      a[i] = (float) random.nextGaussian();
    }
    return a;
  }
}
