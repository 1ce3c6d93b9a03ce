package io.tritmill.kernels.simd.product;

import io.tritmill.kernels.simd.lanes.Species;
import java.util.function.IntUnaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows to interleaved columns: the transposition of square blocks, {@link Species#LANES} a side.
 *
 * <p>A transposition exchanges every bit of the row number with the same bit of the lane number,
 * one after the other in any order. Four rows in registers exchange two bits at once, so blocks of
 * 16 and of 8 take two passes over the block and blocks of 4 take one.
 */
final class PanamaInterleave {
  private static final VectorSpecies<Integer> INTS = Species.INTS;
  private static final int LANES = Species.LANES;

  /** For a distance of 1, 2, 4, 8 lanes: the indexes that make the row whose bit is clear. */
  private static final IntVector CLEAR_1 = clear(1), CLEAR_2 = clear(2);

  private static final IntVector CLEAR_4 = clear(4), CLEAR_8 = clear(8);

  /** The indexes that make the row whose bit is set. */
  private static final IntVector SET_1 = set(1), SET_2 = set(2);

  private static final IntVector SET_4 = set(4), SET_8 = set(8);

  private PanamaInterleave() {}

  /** As {@link GemmTile#interleave} says. */
  static void interleave(
      int rows,
      int depth,
      float[] source,
      int from,
      int stride,
      float[] into,
      int at,
      int intoStride,
      float[] scratch) {
    if (depth < LANES) {
      for (int p = 0; p < depth; p++) {
        for (int r = 0; r < rows; r++) {
          into[at + p * intoStride + r] = source[from + r * stride + p];
        }
      }
      return;
    }
    // The last block may overlap the one before it and write the same values again.
    for (int p = 0; p < depth; p += LANES) {
      int first = Math.min(p, depth - LANES);
      transpose(
          rows, source, from + first, stride, into, at + first * intoStride, intoStride, scratch);
    }
  }

  private static void transpose(
      int rows,
      float[] source,
      int from,
      int stride,
      float[] into,
      int at,
      int intoStride,
      float[] scratch) {
    if (LANES == 16) {
      for (int r = 0; r < 4; r++) {
        int place = r * LANES;
        exchange(
            CLEAR_8, SET_8, CLEAR_4, SET_4, r, 4, rows, source, from, stride, scratch, place,
            4 * LANES);
      }
      for (int r = 0; r < 16; r += 4) {
        exchange(
            CLEAR_2,
            SET_2,
            CLEAR_1,
            SET_1,
            r,
            1,
            LANES,
            scratch,
            0,
            LANES,
            into,
            at + r * intoStride,
            intoStride);
      }
    } else if (LANES == 8) {
      for (int r = 0; r < 2; r++) {
        int place = r * LANES;
        exchange(
            CLEAR_4, SET_4, CLEAR_2, SET_2, r, 2, rows, source, from, stride, scratch, place,
            2 * LANES);
      }
      for (int r = 0; r < 8; r += 2) {
        IntVector x = load(scratch, r * LANES);
        IntVector y = load(scratch, (r + 1) * LANES);
        store(CLEAR_1.selectFrom(x, y), into, at + r * intoStride);
        store(SET_1.selectFrom(x, y), into, at + (r + 1) * intoStride);
      }
    } else {
      exchange(
          CLEAR_2, SET_2, CLEAR_1, SET_1, 0, 1, rows, source, from, stride, into, at, intoStride);
    }
  }

  /**
   * Exchanges a high and a low bit among the rows row, row + step, row + 2 step and row + 3 step; a
   * row that does not exist is replaced by the last one.
   */
  private static void exchange(
      IntVector clearHigh,
      IntVector setHigh,
      IntVector clearLow,
      IntVector setLow,
      int row,
      int step,
      int rows,
      float[] source,
      int from,
      int stride,
      float[] into,
      int at,
      int intoStride) {
    int last = rows - 1;
    IntVector r0 = load(source, from + Math.min(row, last) * stride);
    IntVector r1 = load(source, from + Math.min(row + step, last) * stride);
    IntVector r2 = load(source, from + Math.min(row + 2 * step, last) * stride);
    IntVector r3 = load(source, from + Math.min(row + 3 * step, last) * stride);
    IntVector x0 = clearHigh.selectFrom(r0, r2);
    IntVector x1 = clearHigh.selectFrom(r1, r3);
    IntVector x2 = setHigh.selectFrom(r0, r2);
    IntVector x3 = setHigh.selectFrom(r1, r3);
    store(clearLow.selectFrom(x0, x1), into, at);
    store(setLow.selectFrom(x0, x1), into, at + intoStride);
    store(clearLow.selectFrom(x2, x3), into, at + 2 * intoStride);
    store(setLow.selectFrom(x2, x3), into, at + 3 * intoStride);
  }

  private static IntVector load(float[] a, int at) {
    return FloatVector.fromArray(Species.FLOATS, a, at).reinterpretAsInts();
  }

  private static void store(IntVector row, float[] into, int at) {
    row.reinterpretAsFloats().intoArray(into, at);
  }

  private static IntVector clear(int distance) {
    return index(l -> (l & distance) == 0 ? l : LANES + (l ^ distance));
  }

  private static IntVector set(int distance) {
    return index(l -> (l & distance) == 0 ? l | distance : LANES + l);
  }

  private static IntVector index(IntUnaryOperator lane) {
    int[] index = new int[LANES];
    for (int l = 0; l < LANES; l++) {
      index[l] = lane.applyAsInt(l) & 2 * LANES - 1;
    }
    return IntVector.fromArray(INTS, index, 0);
  }
}
