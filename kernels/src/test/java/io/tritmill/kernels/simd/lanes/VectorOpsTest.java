package io.tritmill.kernels.simd.lanes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.kernels.simd.Simd;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One operation handed to the implementation in use and to its definition, compared by bits. */
class VectorOpsTest {
  private static final int[] LENGTHS = {0, 1, 13, 31, 32, 33, 64, 127, 128, 207, 702, 4098};
  private static final int[] OFFSETS = {0, 1, 3, 16, 21};
  private static final float[] EXTREMES = {
    0f,
    -0f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    1e-40f,
    -Float.MIN_NORMAL,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    1f,
    -1f,
    1e-20f,
    -3e19f,
    0.1f
  };

  private static final byte[] CODES = {0, 1, 0, -1, 3, 5, -6, 7, 8, 9, -128, 127, 12, 13};

  private final VectorOps fast = Implementation.OPS;
  private final VectorOps definition = new ScalarOps();

  static IntStream lengths() {
    return IntStream.of(LENGTHS);
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void sumsAgree(int length) {
    for (int offset : OFFSETS) {
      for (float[] a : inputs(length + offset)) {
        for (float[] b : inputs(length + 21)) {
          agree(ops -> bits(ops.dot(a, offset, b, 21, length)));
          agree(ops -> bits(ops.squaredError(a, offset, b, 21, length)));
        }
        agree(ops -> bits(ops.sumOfAbs(a, offset, length)));
        agree(ops -> bits(ops.sumOfSquares(a, offset, length)));
        agree(ops -> bits(ops.max(a, offset, length)));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void exponentialsAgree(int length) {
    for (int offset : OFFSETS) {
      for (float[] a : inputs(length + offset + 5)) {
        agree(ops -> exp(ops, a, offset, length, 0, 1));
        agree(ops -> exp(ops, a, offset, length, 3, -0.125f));
        agree(ops -> exp(ops, a, offset, length, -1e-3f, 1e3f));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void firstNonFiniteAgrees(int length) {
    for (int offset : OFFSETS) {
      float[] a = extremes(length + offset, 5);
      agree(ops -> ops.firstNonFinite(a, offset, length));
      for (int at = 0; at < length; at += 1 + length / 50) {
        for (float bad :
            new float[] {
              Float.NaN,
              Float.POSITIVE_INFINITY,
              Float.NEGATIVE_INFINITY,
              Float.intBitsToFloat(0xff800001)
            }) {
          float[] broken = a.clone();
          broken[offset + at] = bad;
          broken[offset + length - 1] = Float.NaN;
          assertEquals(at, fast.firstNonFinite(broken, offset, length));
          assertEquals(at, definition.firstNonFinite(broken, offset, length));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void integerSumsAgree(int length) {
    for (int offset : OFFSETS) {
      for (float[] a : inputs(length + offset)) {
        agree(ops -> integerSums(ops, a, offset, length));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void tallyAgrees(int length) {
    for (int offset : OFFSETS) {
      for (float[] a : inputs(length + offset)) {
        for (int levels : new int[] {0, 1, 2, 3, 4, 5, 8, 13}) {
          agree(ops -> tally(ops, a, offset, length, thresholds(levels)));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void classifyAgrees(int length) {
    for (int offset : OFFSETS) {
      for (float[] a : inputs(length + offset)) {
        for (int levels : new int[] {0, 1, 4, 13}) {
          agree(ops -> classify(ops, a, offset, length, thresholds(levels)));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void sortMagnitudesAgrees(int length) {
    for (int offset : OFFSETS) {
      for (float[] a : inputs(length + offset)) {
        agree(
            ops -> {
              int[] into = new int[length + 7];
              ops.sortMagnitudes(a, offset, length, into, 3);
              return into;
            });
      }
    }
  }

  @Test
  void magnitudesAreSortedAsBits() {
    int[] bits = new int[5];
    Simd.sortMagnitudes(new float[] {9, -3, 0.5f, -0f, 2}, 1, 4, bits, 1);
    int[] expected = new int[5];
    float[] sorted = {0, 0.5f, 2, 3};
    for (int i = 0; i < 4; i++) {
      expected[i + 1] = Float.floatToIntBits(sorted[i]);
    }
    assertArrayEquals(expected, bits);
  }

  @Test
  void nothingIsAboveNanAndNanIsAboveNothing() {
    float[] a = new float[96];
    Arrays.fill(a, 2f);
    a[3] = Float.NaN;
    a[40] = Float.NEGATIVE_INFINITY;
    float[] thresholds = {Float.NaN, 1f, Float.MAX_VALUE, -1f};
    int[] counts = new int[4];
    float[] sums = new float[4];
    fast.tally(a, 0, 96, thresholds, 4, counts, sums);
    assertArrayEquals(new int[] {0, 95, 1, 95}, counts);
    assertArrayEquals(
        new float[] {0f, Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY},
        sums);
    agree(ops -> tally(ops, a, 0, 96, thresholds));
    agree(ops -> classify(ops, a, 0, 96, new float[] {1f, 3f}));
  }

  @Test
  void sumsOfNanAreNan() {
    float[] a = random(100, 3);
    a[57] = Float.NaN;
    assertEquals(Float.NaN, fast.dot(a, 0, a, 0, 100));
    assertEquals(Double.NaN, fast.sumOfAbs(a, 0, 100));
    assertEquals(Double.NaN, fast.sumOfSquares(a, 0, 100));
    assertEquals(Double.NaN, fast.squaredError(a, 0, random(100, 4), 0, 100));
  }

  @Test
  void everyHalfDecodes() {
    byte[] source = everyShort();
    for (int count : new int[] {1 << 16, 1, 7, 13, 100}) {
      agree(
          ops -> decode(count, into -> ops.decodeF16(source, 2, into, 5, Math.min(count, 65535))));
      agree(
          ops -> decode(count, into -> ops.decodeBf16(source, 2, into, 5, Math.min(count, 65535))));
    }
  }

  private interface Decoder {
    void decode(float[] into);
  }

  private static int[] decode(int count, Decoder decoder) {
    float[] into = new float[count + 9];
    decoder.decode(into);
    return bits(into);
  }

  @Property(tries = 200)
  void everyOperationAgreesOnAnyFloats(
      @ForAll @Size(max = 300) float[] a,
      @ForAll @Size(min = 13, max = 13) float[] thresholds,
      @ForAll @IntRange(max = 20) int offset) {
    int from = Math.min(offset, a.length);
    int length = a.length - from;
    Arrays.sort(thresholds);
    agree(ops -> bits(ops.dot(a, from, a, 0, length)));
    agree(ops -> bits(ops.sumOfAbs(a, from, length)));
    agree(ops -> bits(ops.sumOfSquares(a, from, length)));
    agree(ops -> bits(ops.squaredError(a, from, a, 0, length)));
    agree(ops -> bits(ops.max(a, from, length)));
    agree(ops -> exp(ops, a, from, length, thresholds[0], thresholds[12]));
    agree(ops -> ops.firstNonFinite(a, from, length));
    agree(ops -> tally(ops, a, from, length, thresholds));
    agree(ops -> classify(ops, a, from, length, thresholds));
  }

  @Property(tries = 200)
  void bytesOutsideTheRangeAreLeftAlone(
      @ForAll @IntRange(max = 200) int length, @ForAll @IntRange(max = 9) int at) {
    float[] a = random(length, length);
    byte[] into = new byte[length + 20];
    Arrays.fill(into, (byte) 99);
    fast.classify(a, 0, length, new float[] {0.1f}, 1, CODES, into, at);
    for (int i = 0; i < into.length; i++) {
      assertEquals(i < at || i >= at + length, into[i] == 99);
    }
  }

  private <T> void agree(Function<VectorOps, T> operation) {
    T expected = operation.apply(definition);
    T actual = operation.apply(fast);
    if (expected instanceof int[] bits) {
      assertArrayEquals(bits, (int[]) actual);
    } else {
      assertEquals(expected, actual);
    }
  }

  private static int bits(float value) {
    return Float.floatToIntBits(value);
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]);
    }
    return bits;
  }

  private static long bits(double value) {
    return Double.doubleToLongBits(value);
  }

  private static int[] exp(
      VectorOps ops, float[] a, int offset, int length, float shift, float scale) {
    float[] into = a.clone();
    ops.exp(into, offset, length, shift, scale);
    return bits(into);
  }

  private static int[] integerSums(VectorOps ops, float[] a, int offset, int length) {
    float[] sums = new float[2];
    ops.integerSums(a, offset, length, 3.7f, -8, 7, sums);
    return new int[] {Float.floatToRawIntBits(sums[0]), Float.floatToRawIntBits(sums[1])};
  }

  private static int[] tally(VectorOps ops, float[] a, int offset, int length, float[] thresholds) {
    int levels = thresholds.length;
    int[] counts = new int[levels];
    float[] sums = new float[levels];
    ops.tally(a, offset, length, thresholds, levels, counts, sums);
    int[] result = Arrays.copyOf(counts, 2 * levels);
    for (int level = 0; level < levels; level++) {
      result[levels + level] = bits(sums[level]);
    }
    return result;
  }

  private static int[] classify(
      VectorOps ops, float[] a, int offset, int length, float[] thresholds) {
    byte[] into = new byte[length + 7];
    ops.classify(a, offset, length, thresholds, thresholds.length, CODES, into, 3);
    return IntStream.range(0, into.length).map(i -> into[i]).toArray();
  }

  private static float[] thresholds(int levels) {
    float[] thresholds = new float[levels];
    for (int level = 0; level < levels; level++) {
      thresholds[level] = level * level * 0.02f;
    }
    return thresholds;
  }

  private static float[][] inputs(int length) {
    return new float[][] {
      random(length, length), extremes(length, length), new float[length], negativeZeros(length)
    };
  }

  private static float[] random(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] a = new float[length];
    for (int i = 0; i < length; i++) {
      a[i] = (float) random.nextGaussian();
    }
    return a;
  }

  private static float[] extremes(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] a = new float[length];
    for (int i = 0; i < length; i++) {
      a[i] = EXTREMES[random.nextInt(EXTREMES.length)];
    }
    return a;
  }

  private static float[] negativeZeros(int length) {
    float[] a = new float[length];
    Arrays.fill(a, -0f);
    return a;
  }

  private static byte[] everyShort() {
    ByteBuffer bytes = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
    for (int value = 0; value < 1 << 16; value++) {
      bytes.putShort((short) value);
    }
    return bytes.array();
  }
}
