package io.tritmill.kernels.simd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** The operations of {@link ScalarByteOps} in vector registers, with the same bits. */
final class PanamaByteOps implements ByteOps {
  private static final int LANES = Species.LANES;

  /** 1.5 * 2^23: a float near it has no fraction bits, so adding to it rounds, ties to even. */
  private static final float ROUND = 0x1.8p23f;

  private static final VarHandle INT_AT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  @Override
  public float quantize(float[] a, int offset, int length, byte[] into, int at) {
    int largest = largestBits(a, offset, length);
    float max = Float.intBitsToFloat(largest);
    if (largest >= ScalarByteOps.INFINITY_BITS || max < ScalarByteOps.SMALLEST) {
      Arrays.fill(into, at, at + length, (byte) 0);
      return largest >= ScalarByteOps.INFINITY_BITS ? Float.NaN : 0;
    }
    float inverse = ScalarByteOps.LARGEST / max;
    int whole = Species.FLOATS.loopBound(length);
    for (int i = 0; i < whole; i += LANES) {
      IntVector rounded =
          FloatVector.fromArray(Species.FLOATS, a, offset + i)
              .mul(inverse)
              .add(ROUND)
              .reinterpretAsInts();
      store(rounded, into, at + i);
    }
    for (int i = whole; i < length; i++) {
      into[at + i] = (byte) Math.rint(a[offset + i] * inverse);
    }
    return max / ScalarByteOps.LARGEST;
  }

  /** The bits of the largest magnitude; NaN is above infinity. */
  private static int largestBits(float[] a, int offset, int length) {
    IntVector m0 = IntVector.zero(Species.INTS), m1 = m0, m2 = m0, m3 = m0;
    int i = 0;
    for (; i <= length - 4 * LANES; i += 4 * LANES) {
      m0 = m0.max(magnitudeBits(a, offset + i));
      m1 = m1.max(magnitudeBits(a, offset + i + LANES));
      m2 = m2.max(magnitudeBits(a, offset + i + 2 * LANES));
      m3 = m3.max(magnitudeBits(a, offset + i + 3 * LANES));
    }
    int largest = m0.max(m1).max(m2.max(m3)).reduceLanes(VectorOperators.MAX);
    for (; i < length; i++) {
      largest = Math.max(largest, Float.floatToRawIntBits(Math.abs(a[offset + i])));
    }
    return largest;
  }

  private static IntVector magnitudeBits(float[] a, int at) {
    return FloatVector.fromArray(Species.FLOATS, a, at).reinterpretAsInts().and(0x7fffffff);
  }

  /** Writes the low byte of each lane. */
  private static void store(IntVector values, byte[] into, int at) {
    ByteVector bytes =
        (ByteVector) values.convertShape(VectorOperators.I2B, Species.QUARTER_BYTES, 0);
    if (LANES == 4) {
      INT_AT.set(into, at, bytes.reinterpretAsInts().lane(0));
    } else {
      bytes.intoArray(into, at);
    }
  }
}
