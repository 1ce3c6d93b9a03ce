package io.tritmill.kernels.simd.trit;

import io.tritmill.kernels.simd.lanes.Species;
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
      // The low byte of each lane is the number; four of them are less than any register.
      ByteVector bytes =
          (ByteVector) rounded.convertShape(VectorOperators.I2B, Species.QUARTER_BYTES, 0);
      if (LANES == 4) {
        INT_AT.set(into, at + i, bytes.reinterpretAsInts().lane(0));
      } else {
        bytes.intoArray(into, at + i);
      }
    }
    for (int i = whole; i < length; i++) {
      into[at + i] = (byte) Math.rint(a[offset + i] * inverse);
    }
    return max / ScalarByteOps.LARGEST;
  }

  /** The bits of the largest magnitude; NaN is above infinity. */
  private static int largestBits(float[] a, int offset, int length) {
    IntVector largest = IntVector.zero(Species.INTS);
    int whole = Species.INTS.loopBound(length);
    for (int i = 0; i < whole; i += LANES) {
      largest =
          largest.max(
              FloatVector.fromArray(Species.FLOATS, a, offset + i)
                  .reinterpretAsInts()
                  .and(0x7fffffff));
    }
    int bits = largest.reduceLanes(VectorOperators.MAX);
    for (int i = whole; i < length; i++) {
      bits = Math.max(bits, Float.floatToRawIntBits(Math.abs(a[offset + i])));
    }
    return bits;
  }
}
