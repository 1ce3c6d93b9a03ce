package io.tritmill.kernels.simd.lanes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The operations of {@link ScalarOps} in vector registers of 128, 256 or 512 bits, with the same
 * bits.
 *
 * <p>The 32 lanes of a sum lie in 32 / {@link Species#LANES} registers, named for the first element
 * of each 32 that they take. Which of them exist is a constant to the compiler, so that what a
 * wider register does not need costs nothing.
 */
final class PanamaOps implements VectorOps {
  private static final VectorSpecies<Float> FLOATS = Species.FLOATS;
  private static final VectorSpecies<Integer> INTS = Species.INTS;
  private static final VectorSpecies<Double> DOUBLES = Species.DOUBLES;
  private static final VectorSpecies<Float> HALF_FLOATS = Species.HALF_FLOATS;
  private static final VectorSpecies<Byte> HALF_BYTES = Species.HALF_BYTES;
  private static final int LANES = Species.LANES;
  private static final int DOUBLE_LANES = LANES / 2;
  private static final VarHandle INT_AT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final ScalarOps SCALAR = new ScalarOps();

  @Override
  public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
    FloatVector zero = FloatVector.zero(FLOATS);
    FloatVector s0 = zero, s1 = zero, s2 = zero, s3 = zero;
    FloatVector s4 = zero, s5 = zero, s6 = zero, s7 = zero;
    int whole = length & -ScalarOps.LANES;
    for (int i = 0; i < whole; i += ScalarOps.LANES) {
      int x = aOffset + i;
      int y = bOffset + i;
      s0 = load(a, x).fma(load(b, y), s0);
      s1 = load(a, x + LANES).fma(load(b, y + LANES), s1);
      if (LANES <= 8) {
        s2 = load(a, x + 2 * LANES).fma(load(b, y + 2 * LANES), s2);
        s3 = load(a, x + 3 * LANES).fma(load(b, y + 3 * LANES), s3);
      }
      if (LANES <= 4) {
        s4 = load(a, x + 4 * LANES).fma(load(b, y + 4 * LANES), s4);
        s5 = load(a, x + 5 * LANES).fma(load(b, y + 5 * LANES), s5);
        s6 = load(a, x + 6 * LANES).fma(load(b, y + 6 * LANES), s6);
        s7 = load(a, x + 7 * LANES).fma(load(b, y + 7 * LANES), s7);
      }
    }
    if (whole == length) {
      return Species.tree(s0, s1, s2, s3, s4, s5, s6, s7);
    }
    float[] lanes = Species.lanes(s0, s1, s2, s3, s4, s5, s6, s7);
    for (int i = whole; i < length; i++) {
      lanes[i - whole] = Math.fma(a[aOffset + i], b[bOffset + i], lanes[i - whole]);
    }
    return ScalarOps.reduce(lanes);
  }

  @Override
  public double sumOfAbs(float[] a, int offset, int length) {
    double[] lanes = new double[ScalarOps.LANES];
    int whole = length & -ScalarOps.LANES;
    for (int lane = 0; lane < ScalarOps.LANES; lane += 4 * DOUBLE_LANES) {
      DoubleVector s0 = DoubleVector.zero(DOUBLES), s1 = s0, s2 = s0, s3 = s0;
      for (int i = 0; i < whole; i += ScalarOps.LANES) {
        int x = offset + i + lane;
        s0 = s0.add(widen(a, x).abs());
        s1 = s1.add(widen(a, x + DOUBLE_LANES).abs());
        s2 = s2.add(widen(a, x + 2 * DOUBLE_LANES).abs());
        s3 = s3.add(widen(a, x + 3 * DOUBLE_LANES).abs());
      }
      store(s0, s1, s2, s3, lanes, lane);
    }
    for (int i = whole; i < length; i++) {
      lanes[i - whole] += Math.abs(a[offset + i]);
    }
    return ScalarOps.reduce(lanes);
  }

  @Override
  public double sumOfSquares(float[] a, int offset, int length) {
    double[] lanes = new double[ScalarOps.LANES];
    int whole = length & -ScalarOps.LANES;
    for (int lane = 0; lane < ScalarOps.LANES; lane += 4 * DOUBLE_LANES) {
      DoubleVector s0 = DoubleVector.zero(DOUBLES), s1 = s0, s2 = s0, s3 = s0;
      for (int i = 0; i < whole; i += ScalarOps.LANES) {
        int x = offset + i + lane;
        s0 = addSquare(widen(a, x), s0);
        s1 = addSquare(widen(a, x + DOUBLE_LANES), s1);
        s2 = addSquare(widen(a, x + 2 * DOUBLE_LANES), s2);
        s3 = addSquare(widen(a, x + 3 * DOUBLE_LANES), s3);
      }
      store(s0, s1, s2, s3, lanes, lane);
    }
    for (int i = whole; i < length; i++) {
      double value = a[offset + i];
      lanes[i - whole] = Math.fma(value, value, lanes[i - whole]);
    }
    return ScalarOps.reduce(lanes);
  }

  @Override
  public double squaredError(float[] a, int aOffset, float[] b, int bOffset, int length) {
    double[] lanes = new double[ScalarOps.LANES];
    int whole = length & -ScalarOps.LANES;
    for (int lane = 0; lane < ScalarOps.LANES; lane += 4 * DOUBLE_LANES) {
      DoubleVector s0 = DoubleVector.zero(DOUBLES), s1 = s0, s2 = s0, s3 = s0;
      for (int i = 0; i < whole; i += ScalarOps.LANES) {
        int x = aOffset + i + lane;
        int y = bOffset + i + lane;
        s0 = addSquare(difference(a, x, b, y), s0);
        s1 = addSquare(difference(a, x + DOUBLE_LANES, b, y + DOUBLE_LANES), s1);
        s2 = addSquare(difference(a, x + 2 * DOUBLE_LANES, b, y + 2 * DOUBLE_LANES), s2);
        s3 = addSquare(difference(a, x + 3 * DOUBLE_LANES, b, y + 3 * DOUBLE_LANES), s3);
      }
      store(s0, s1, s2, s3, lanes, lane);
    }
    for (int i = whole; i < length; i++) {
      double difference = (double) a[aOffset + i] - b[bOffset + i];
      lanes[i - whole] = Math.fma(difference, difference, lanes[i - whole]);
    }
    return ScalarOps.reduce(lanes);
  }

  @Override
  public float max(float[] a, int offset, int length) {
    return PanamaExponential.max(a, offset, length);
  }

  @Override
  public void exp(float[] a, int offset, int length, float shift, float scale) {
    PanamaExponential.exp(a, offset, length, shift, scale);
  }

  @Override
  public int firstNonFinite(float[] a, int offset, int length) {
    int i = 0;
    for (; i <= length - 4 * LANES; i += 4 * LANES) {
      int x = offset + i;
      IntVector largest =
          magnitudeBits(a, x)
              .max(magnitudeBits(a, x + LANES))
              .max(magnitudeBits(a, x + 2 * LANES).max(magnitudeBits(a, x + 3 * LANES)));
      // Infinity and every NaN have all exponent bits set; no finite number has.
      if (largest.compare(VectorOperators.GE, 0x7f800000).anyTrue()) {
        break;
      }
    }
    int rest = SCALAR.firstNonFinite(a, offset + i, length - i);
    return rest < 0 ? rest : i + rest;
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
    if (length % ScalarOps.LANES != 0) {
      int padded = length + ScalarOps.LANES - 1 & -ScalarOps.LANES;
      float[] copy = new float[padded];
      System.arraycopy(a, offset, copy, 0, length);
      java.util.Arrays.fill(copy, length, padded, Float.NaN);
      tally(copy, 0, padded, thresholds, levels, counts, sums);
      return;
    }
    PanamaTally.tally(a, offset, length, thresholds, levels, counts, sums);
  }

  @Override
  public void integerSums(
      float[] a, int offset, int length, float inverse, float low, float high, float[] sums) {
    float[] products = new float[ScalarOps.LANES];
    float[] squares = new float[ScalarOps.LANES];
    int whole = length & -ScalarOps.LANES;
    for (int lane = 0; lane < ScalarOps.LANES; lane += LANES) {
      FloatVector product = FloatVector.zero(FLOATS);
      FloatVector square = product;
      for (int i = offset + lane; i < offset + whole; i += ScalarOps.LANES) {
        FloatVector value = load(a, i);
        FloatVector q =
            value
                .mul(inverse)
                .max(low)
                .min(high)
                .add(ScalarLaneOps.ROUNDER)
                .sub(ScalarLaneOps.ROUNDER);
        product = q.fma(value, product);
        square = q.fma(q, square);
      }
      product.intoArray(products, lane);
      square.intoArray(squares, lane);
    }
    for (int i = whole; i < length; i++) {
      ScalarOps.addInteger(a[offset + i], i - whole, inverse, low, high, products, squares);
    }
    sums[0] = ScalarOps.reduce(products);
    sums[1] = ScalarOps.reduce(squares);
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
    int whole = FLOATS.loopBound(length);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector value = load(a, offset + i);
      FloatVector magnitude = value.abs();
      IntVector code = IntVector.broadcast(INTS, codes[0]);
      for (int level = 0; level < levels; level++) {
        VectorMask<Float> above = magnitude.compare(VectorOperators.GT, thresholds[level]);
        code = code.blend(codes[level + 1], above.cast(INTS));
      }
      VectorMask<Integer> negative = value.compare(VectorOperators.LT, 0f).cast(INTS);
      storeBytes(code.lanewise(VectorOperators.NEG, negative), into, at + i);
    }
    SCALAR.classify(a, offset + whole, length - whole, thresholds, levels, codes, into, at + whole);
  }

  @Override
  public void sortMagnitudes(float[] a, int offset, int length, int[] into, int at) {
    // The sort of the JDK uses vectors itself.
    SCALAR.sortMagnitudes(a, offset, length, into, at);
  }

  @Override
  public void decodeBf16(byte[] source, int offset, float[] into, int at, int count) {
    int whole = FLOATS.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      widenShorts(source, offset + 2 * i)
          .lanewise(VectorOperators.LSHL, 16)
          .reinterpretAsFloats()
          .intoArray(into, at + i);
    }
    SCALAR.decodeBf16(source, offset + 2 * whole, into, at + whole, count - whole);
  }

  @Override
  public void decodeF16(byte[] source, int offset, float[] into, int at, int count) {
    int whole = FLOATS.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      halfToFloat(widenShorts(source, offset + 2 * i)).intoArray(into, at + i);
    }
    SCALAR.decodeF16(source, offset + 2 * whole, into, at + whole, count - whole);
  }

  /** IEEE half in the low 16 bits of each lane, the rest zero, to float by moving the fields. */
  private static FloatVector halfToFloat(IntVector half) {
    IntVector sign = half.and(0x8000).lanewise(VectorOperators.LSHL, 16);
    IntVector magnitude = half.and(0x7fff);
    // The exponents' biases differ by 112; infinity and NaN must reach 255 and take it twice.
    IntVector bits = magnitude.lanewise(VectorOperators.LSHL, 13).add(112 << 23);
    bits = bits.add(112 << 23, magnitude.compare(VectorOperators.GE, 0x7c00));
    // A subnormal half is a normal float: let a subtraction find its leading bit.
    FloatVector small =
        bits.add(1 << 23).reinterpretAsFloats().sub(Float.intBitsToFloat(113 << 23));
    bits = bits.blend(small.reinterpretAsInts(), magnitude.compare(VectorOperators.LT, 0x0400));
    return bits.or(sign).reinterpretAsFloats();
  }

  private static FloatVector load(float[] a, int at) {
    return FloatVector.fromArray(FLOATS, a, at);
  }

  private static IntVector magnitudeBits(float[] a, int at) {
    return load(a, at).reinterpretAsInts().and(0x7fffffff);
  }

  private static DoubleVector widen(float[] a, int at) {
    return (DoubleVector)
        FloatVector.fromArray(HALF_FLOATS, a, at).convertShape(VectorOperators.F2D, DOUBLES, 0);
  }

  private static DoubleVector difference(float[] a, int x, float[] b, int y) {
    return widen(a, x).sub(widen(b, y));
  }

  private static DoubleVector addSquare(DoubleVector value, DoubleVector sum) {
    return value.fma(value, sum);
  }

  private static void store(
      DoubleVector s0, DoubleVector s1, DoubleVector s2, DoubleVector s3, double[] lanes, int at) {
    s0.intoArray(lanes, at);
    s1.intoArray(lanes, at + DOUBLE_LANES);
    s2.intoArray(lanes, at + 2 * DOUBLE_LANES);
    s3.intoArray(lanes, at + 3 * DOUBLE_LANES);
  }

  private static IntVector widenShorts(byte[] source, int offset) {
    return (IntVector)
        ByteVector.fromArray(HALF_BYTES, source, offset)
            .reinterpretAsShorts()
            .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
  }

  private static void storeBytes(IntVector values, byte[] into, int at) {
    ByteVector bytes =
        (ByteVector) values.convertShape(VectorOperators.I2B, Species.QUARTER_BYTES, 0);
    if (LANES == 4) {
      INT_AT.set(into, at, bytes.reinterpretAsInts().lane(0));
    } else {
      bytes.intoArray(into, at);
    }
  }
}
