package io.tritmill.kernels.simd.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What runs on this machine against the plain loops that define it. */
class MatrixOpsTest {
  private static final MatrixOps OPS = ProductChoice.MATRIX_OPS;
  private static final MatrixOps DEFINITION = new ScalarMatrixOps();

  @Property(tries = 300)
  void gather(
      @ForAll @IntRange(max = 20) int rows,
      @ForAll @IntRange(min = 1, max = 70) int width,
      @ForAll @IntRange(max = 40) int more,
      @ForAll @IntRange(max = 5) int at) {
    // Nothing is left after the last piece of the source, nor in the room for the pieces.
    float[] source = random(at + Math.max(0, rows - 1) * (width + more) + width);
    float[] expected = random(at + rows * width);
    float[] actual = expected.clone();
    DEFINITION.gather(rows, width, source, at, width + more, expected, at);
    OPS.gather(rows, width, source, at, width + more, actual, at);
    assertBits(expected, actual);
  }

  @Property(tries = 200)
  void addTile(
      @ForAll @IntRange(max = 14) int rows,
      @ForAll @IntRange(max = 40) int columns,
      @ForAll @IntRange(max = 9) int more) {
    float[] tile = random(rows * (columns + more) + more);
    double[] expected = new double[more + rows * (columns + 2 * more)];
    Arrays.setAll(expected, i -> Math.sin(i));
    double[] actual = expected.clone();
    DEFINITION.addTile(rows, columns, tile, columns + more, expected, more, columns + 2 * more);
    OPS.addTile(rows, columns, tile, columns + more, actual, more, columns + 2 * more);
    assertArrayEquals(expected, actual, 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 5, 13, 64, 127, 207, 702})
  void scale(int length) {
    float[] factors = random(length);
    float[] expected = random(3 + length + 2);
    float[] actual = expected.clone();
    DEFINITION.scale(expected, 3, length, factors);
    OPS.scale(actual, 3, length, factors);
    assertBits(expected, actual);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13})
  void walshHadamard(int log) {
    float[] expected = random(7 + (1 << log) + 5);
    float[] actual = expected.clone();
    DEFINITION.walshHadamard(expected, 7, log);
    OPS.walshHadamard(actual, 7, log);
    assertBits(expected, actual);
  }

  @ParameterizedTest
  @CsvSource({"4, 16", "12, 1", "12, 8", "12, 64", "20, 4", "20, 32", "28, 16", "28, 512"})
  void mix(int order, int run) {
    float[] signs = random(order * order);
    for (int i = 0; i < signs.length; i++) {
      signs[i] = Math.signum(signs[i]);
    }
    float[] expected = random(3 + order * run + 2);
    float[] actual = expected.clone();
    DEFINITION.mix(expected, 3, order, run, signs, new float[order * 32]);
    OPS.mix(actual, 3, order, run, signs, new float[order * 32]);
    assertBits(expected, actual);
  }

  private static void assertBits(float[] expected, float[] actual) {
    assertEquals(-1, Arrays.mismatch(expected, actual));
  }

  private static float[] random(int length) {
    SplittableRandom random = new SplittableRandom(length);
    float[] a = new float[length];
    for (int i = 0; i < length; i++) {
      a[i] = (float) random.nextGaussian();
    }
    return a;
  }
}
