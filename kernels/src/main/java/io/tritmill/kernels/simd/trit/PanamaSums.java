package io.tritmill.kernels.simd.trit;

import io.tritmill.kernels.simd.lanes.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * What the kernels of trits share: the order of rows in byte lanes, and sums from ints to floats.
 *
 * <p>The byte lanes of a block, four to an int lane, take its rows so that widening needs no
 * permutation: {@link #laneOf}.
 *
 * <p>How these kernels must be written, or the compiler leaves vectors in memory: no method takes
 * or returns a vector, and none takes a species, because a method that was compiled before its
 * caller may not be inlined.
 */
final class PanamaSums {
  private PanamaSums() {}

  /** The byte lane of a row: each quarter of the rows takes every fourth lane. */
  static int laneOf(int row, int rows) {
    return row % (rows / 4) * 4 + row / (rows / 4);
  }

  static void add(int[] sums, int at, int next, int count) {
    for (int i = 0; i < count; i += Species.LANES) {
      IntVector.fromArray(Species.INTS, sums, at + i)
          .add(IntVector.fromArray(Species.INTS, sums, next + i))
          .intoArray(sums, at + i);
    }
  }

  static void tripleAndAdd(int[] sums, int at, int next, int count) {
    for (int i = 0; i < count; i += Species.LANES) {
      IntVector.fromArray(Species.INTS, sums, at + i)
          .mul(3)
          .add(IntVector.fromArray(Species.INTS, sums, next + i))
          .intoArray(sums, at + i);
    }
  }

  static void scaleAndAdd(
      int[] sums, int at, MemorySegment scales, long scale, float[] y, int row, int count) {
    for (int i = 0; i < count; i += Species.LANES) {
      FloatVector sum =
          (FloatVector)
              IntVector.fromArray(Species.INTS, sums, at + i)
                  .convertShape(VectorOperators.I2F, Species.FLOATS, 0);
      long from = scale + (long) Float.BYTES * i;
      FloatVector.fromMemorySegment(Species.FLOATS, scales, from, ByteOrder.LITTLE_ENDIAN)
          .fma(sum, FloatVector.fromArray(Species.FLOATS, y, row + i))
          .intoArray(y, row + i);
    }
  }
}
