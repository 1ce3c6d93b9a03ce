package io.tritmill.kernels.simd.lanes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The definition of every operation: plain loops, nothing clever. */
final class ScalarOps implements VectorOps {
  static final int LANES = 32;
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  @Override
  public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
    float[] lanes = new float[LANES];
    for (int i = 0; i < length; i++) {
      lanes[i % LANES] = Math.fma(a[aOffset + i], b[bOffset + i], lanes[i % LANES]);
    }
    return reduce(lanes);
  }

  @Override
  public double sumOfAbs(float[] a, int offset, int length) {
    double[] lanes = new double[LANES];
    for (int i = 0; i < length; i++) {
      lanes[i % LANES] += Math.abs(a[offset + i]);
    }
    return reduce(lanes);
  }

  @Override
  public double sumOfSquares(float[] a, int offset, int length) {
    double[] lanes = new double[LANES];
    for (int i = 0; i < length; i++) {
      double value = a[offset + i];
      lanes[i % LANES] = Math.fma(value, value, lanes[i % LANES]);
    }
    return reduce(lanes);
  }

  @Override
  public double squaredError(float[] a, int aOffset, float[] b, int bOffset, int length) {
    double[] lanes = new double[LANES];
    for (int i = 0; i < length; i++) {
      double difference = (double) a[aOffset + i] - b[bOffset + i];
      lanes[i % LANES] = Math.fma(difference, difference, lanes[i % LANES]);
    }
    return reduce(lanes);
  }

  @Override
  public float max(float[] a, int offset, int length) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < length; i++) {
      max = Math.max(max, a[offset + i]);
    }
    return max;
  }

  @Override
  public void exp(float[] a, int offset, int length, float shift, float scale) {
    for (int i = 0; i < length; i++) {
      a[offset + i] = ScalarExponential.exp((a[offset + i] - shift) * scale);
    }
  }

  @Override
  public int firstNonFinite(float[] a, int offset, int length) {
    for (int i = 0; i < length; i++) {
      if (!Float.isFinite(a[offset + i])) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public void tally(
      float[] a,
      int offset,
      int length,
      float[] thresholds,
      int levels,
      int[] counts,
      float[] sums) {
    for (int level = 0; level < levels; level++) {
      float[] lanes = new float[LANES];
      int count = 0;
      for (int i = 0; i < length; i++) {
        float magnitude = Math.abs(a[offset + i]);
        if (magnitude > thresholds[level]) {
          lanes[i % LANES] += magnitude;
          count++;
        }
      }
      counts[level] = count;
      sums[level] = reduce(lanes);
    }
  }

  @Override
  public void integerSums(
      float[] a, int offset, int length, float inverse, float low, float high, float[] sums) {
    float[] products = new float[LANES];
    float[] squares = new float[LANES];
    for (int i = 0; i < length; i++) {
      addInteger(a[offset + i], i % LANES, inverse, low, high, products, squares);
    }
    sums[0] = reduce(products);
    sums[1] = reduce(squares);
  }

  static void addInteger(
      float value,
      int lane,
      float inverse,
      float low,
      float high,
      float[] products,
      float[] squares) {
    float limited = Math.min(Math.max(value * inverse, low), high);
    float q = limited + ScalarLaneOps.ROUNDER - ScalarLaneOps.ROUNDER;
    products[lane] = Math.fma(q, value, products[lane]);
    squares[lane] = Math.fma(q, q, squares[lane]);
  }

  @Override
  public void classify(
      float[] a,
      int offset,
      int length,
      float[] thresholds,
      int levels,
      byte[] codes,
      byte[] into,
      int at) {
    for (int i = 0; i < length; i++) {
      float value = a[offset + i];
      int above = 0;
      for (int level = 0; level < levels; level++) {
        if (Math.abs(value) > thresholds[level]) {
          above++;
        }
      }
      into[at + i] = (byte) (value < 0 ? -codes[above] : codes[above]);
    }
  }

  @Override
  public void sortMagnitudes(float[] a, int offset, int length, int[] into, int at) {
    for (int i = 0; i < length; i++) {
      into[at + i] = Float.floatToRawIntBits(Math.abs(a[offset + i]));
    }
    Arrays.sort(into, at, at + length);
  }

  @Override
  public void decodeBf16(byte[] source, int offset, float[] into, int at, int count) {
    for (int i = 0; i < count; i++) {
      into[at + i] = Float.intBitsToFloat((short) SHORTS.get(source, offset + 2 * i) << 16);
    }
  }

  @Override
  public void decodeF16(byte[] source, int offset, float[] into, int at, int count) {
    for (int i = 0; i < count; i++) {
      into[at + i] = Float.float16ToFloat((short) SHORTS.get(source, offset + 2 * i));
    }
  }

  static float reduce(float[] lanes) {
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int lane = 0; lane < half; lane++) {
        lanes[lane] += lanes[lane + half];
      }
    }
    return lanes[0];
  }

  static double reduce(double[] lanes) {
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int lane = 0; lane < half; lane++) {
        lanes[lane] += lanes[lane + half];
      }
    }
    return lanes[0];
  }
}
