package io.tritmill.kernels.simd.product;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import io.tritmill.kernels.simd.lanes.Species;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Four rows by two registers, for machines with sixteen registers: what the compiler loads ahead,
 * all factors of a step, fits beside it.
 */
final class PanamaTile4x2 implements GemmTile {
  private static final VectorSpecies<Float> FLOATS = Species.FLOATS;
  private static final int LANES = Species.LANES;
  private static final int ROWS = 4;
  private static final int COLUMNS = 2 * LANES;

  @Override
  public int rows() {
    return ROWS;
  }

  @Override
  public int columns() {
    return COLUMNS;
  }

  @Override
  public int lanes() {
    return LANES;
  }

  @Override
  public void multiply(
      int depth,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride,
      boolean resume) {
    FloatVector zero = FloatVector.zero(FLOATS);
    FloatVector c00 = zero, c01 = zero;
    FloatVector c10 = zero, c11 = zero;
    FloatVector c20 = zero, c21 = zero;
    FloatVector c30 = zero, c31 = zero;
    if (resume) {
      c00 = fromArray(FLOATS, c, cAt);
      c01 = fromArray(FLOATS, c, cAt + LANES);
      c10 = fromArray(FLOATS, c, cAt + cStride);
      c11 = fromArray(FLOATS, c, cAt + cStride + LANES);
      c20 = fromArray(FLOATS, c, cAt + 2 * cStride);
      c21 = fromArray(FLOATS, c, cAt + 2 * cStride + LANES);
      c30 = fromArray(FLOATS, c, cAt + 3 * cStride);
      c31 = fromArray(FLOATS, c, cAt + 3 * cStride + LANES);
    }
    for (int p = 0; p < depth; p++) {
      int x = aAt + p * ROWS;
      int y = bAt + p * COLUMNS;
      FloatVector b0 = fromArray(FLOATS, b, y);
      FloatVector b1 = fromArray(FLOATS, b, y + LANES);
      FloatVector factor = broadcast(FLOATS, a[x]);
      c00 = factor.fma(b0, c00);
      c01 = factor.fma(b1, c01);
      factor = broadcast(FLOATS, a[x + 1]);
      c10 = factor.fma(b0, c10);
      c11 = factor.fma(b1, c11);
      factor = broadcast(FLOATS, a[x + 2]);
      c20 = factor.fma(b0, c20);
      c21 = factor.fma(b1, c21);
      factor = broadcast(FLOATS, a[x + 3]);
      c30 = factor.fma(b0, c30);
      c31 = factor.fma(b1, c31);
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + LANES);
    c10.intoArray(c, cAt + cStride);
    c11.intoArray(c, cAt + cStride + LANES);
    c20.intoArray(c, cAt + 2 * cStride);
    c21.intoArray(c, cAt + 2 * cStride + LANES);
    c30.intoArray(c, cAt + 3 * cStride);
    c31.intoArray(c, cAt + 3 * cStride + LANES);
  }

  @Override
  public void interleave(
      int rows,
      int depth,
      float[] source,
      int from,
      int stride,
      float[] into,
      int at,
      int intoStride,
      float[] scratch) {
    PanamaInterleave.interleave(rows, depth, source, from, stride, into, at, intoStride, scratch);
  }
}
