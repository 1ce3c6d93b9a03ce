package io.tritmill.kernels.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Four rows by three registers: sixteen registers hold it and its operands. */
final class PanamaTile4x3 implements GemmTile {
  private static final VectorSpecies<Float> FLOATS = Species.FLOATS;
  private static final int LANES = Species.LANES;
  private static final int ROWS = 4;
  private static final int COLUMNS = 3 * LANES;

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
    FloatVector c00 = zero, c01 = zero, c02 = zero;
    FloatVector c10 = zero, c11 = zero, c12 = zero;
    FloatVector c20 = zero, c21 = zero, c22 = zero;
    FloatVector c30 = zero, c31 = zero, c32 = zero;
    if (resume) {
      c00 = fromArray(FLOATS, c, cAt);
      c01 = fromArray(FLOATS, c, cAt + LANES);
      c02 = fromArray(FLOATS, c, cAt + 2 * LANES);
      c10 = fromArray(FLOATS, c, cAt + cStride);
      c11 = fromArray(FLOATS, c, cAt + cStride + LANES);
      c12 = fromArray(FLOATS, c, cAt + cStride + 2 * LANES);
      c20 = fromArray(FLOATS, c, cAt + 2 * cStride);
      c21 = fromArray(FLOATS, c, cAt + 2 * cStride + LANES);
      c22 = fromArray(FLOATS, c, cAt + 2 * cStride + 2 * LANES);
      c30 = fromArray(FLOATS, c, cAt + 3 * cStride);
      c31 = fromArray(FLOATS, c, cAt + 3 * cStride + LANES);
      c32 = fromArray(FLOATS, c, cAt + 3 * cStride + 2 * LANES);
    }
    for (int p = 0; p < depth; p++) {
      int x = aAt + p * ROWS;
      int y = bAt + p * COLUMNS;
      FloatVector b0 = fromArray(FLOATS, b, y);
      FloatVector b1 = fromArray(FLOATS, b, y + LANES);
      FloatVector b2 = fromArray(FLOATS, b, y + 2 * LANES);
      FloatVector factor = broadcast(FLOATS, a[x]);
      c00 = factor.fma(b0, c00);
      c01 = factor.fma(b1, c01);
      c02 = factor.fma(b2, c02);
      factor = broadcast(FLOATS, a[x + 1]);
      c10 = factor.fma(b0, c10);
      c11 = factor.fma(b1, c11);
      c12 = factor.fma(b2, c12);
      factor = broadcast(FLOATS, a[x + 2]);
      c20 = factor.fma(b0, c20);
      c21 = factor.fma(b1, c21);
      c22 = factor.fma(b2, c22);
      factor = broadcast(FLOATS, a[x + 3]);
      c30 = factor.fma(b0, c30);
      c31 = factor.fma(b1, c31);
      c32 = factor.fma(b2, c32);
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + LANES);
    c02.intoArray(c, cAt + 2 * LANES);
    c10.intoArray(c, cAt + cStride);
    c11.intoArray(c, cAt + cStride + LANES);
    c12.intoArray(c, cAt + cStride + 2 * LANES);
    c20.intoArray(c, cAt + 2 * cStride);
    c21.intoArray(c, cAt + 2 * cStride + LANES);
    c22.intoArray(c, cAt + 2 * cStride + 2 * LANES);
    c30.intoArray(c, cAt + 3 * cStride);
    c31.intoArray(c, cAt + 3 * cStride + LANES);
    c32.intoArray(c, cAt + 3 * cStride + 2 * LANES);
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
