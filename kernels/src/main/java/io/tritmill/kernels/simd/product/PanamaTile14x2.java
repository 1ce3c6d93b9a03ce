package io.tritmill.kernels.simd.product;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import io.tritmill.kernels.simd.lanes.Species;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Fourteen rows by two registers, for machines with 32 registers of 512 bits. */
final class PanamaTile14x2 implements GemmTile {
  private static final VectorSpecies<Float> FLOATS = Species.FLOATS;
  private static final int LANES = Species.LANES;
  private static final int ROWS = 14;
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
    FloatVector c0x0 = zero, c0x1 = zero;
    FloatVector c1x0 = zero, c1x1 = zero;
    FloatVector c2x0 = zero, c2x1 = zero;
    FloatVector c3x0 = zero, c3x1 = zero;
    FloatVector c4x0 = zero, c4x1 = zero;
    FloatVector c5x0 = zero, c5x1 = zero;
    FloatVector c6x0 = zero, c6x1 = zero;
    FloatVector c7x0 = zero, c7x1 = zero;
    FloatVector c8x0 = zero, c8x1 = zero;
    FloatVector c9x0 = zero, c9x1 = zero;
    FloatVector c10x0 = zero, c10x1 = zero;
    FloatVector c11x0 = zero, c11x1 = zero;
    FloatVector c12x0 = zero, c12x1 = zero;
    FloatVector c13x0 = zero, c13x1 = zero;
    if (resume) {
      c0x0 = fromArray(FLOATS, c, cAt);
      c0x1 = fromArray(FLOATS, c, cAt + LANES);
      c1x0 = fromArray(FLOATS, c, cAt + cStride);
      c1x1 = fromArray(FLOATS, c, cAt + cStride + LANES);
      c2x0 = fromArray(FLOATS, c, cAt + 2 * cStride);
      c2x1 = fromArray(FLOATS, c, cAt + 2 * cStride + LANES);
      c3x0 = fromArray(FLOATS, c, cAt + 3 * cStride);
      c3x1 = fromArray(FLOATS, c, cAt + 3 * cStride + LANES);
      c4x0 = fromArray(FLOATS, c, cAt + 4 * cStride);
      c4x1 = fromArray(FLOATS, c, cAt + 4 * cStride + LANES);
      c5x0 = fromArray(FLOATS, c, cAt + 5 * cStride);
      c5x1 = fromArray(FLOATS, c, cAt + 5 * cStride + LANES);
      c6x0 = fromArray(FLOATS, c, cAt + 6 * cStride);
      c6x1 = fromArray(FLOATS, c, cAt + 6 * cStride + LANES);
      c7x0 = fromArray(FLOATS, c, cAt + 7 * cStride);
      c7x1 = fromArray(FLOATS, c, cAt + 7 * cStride + LANES);
      c8x0 = fromArray(FLOATS, c, cAt + 8 * cStride);
      c8x1 = fromArray(FLOATS, c, cAt + 8 * cStride + LANES);
      c9x0 = fromArray(FLOATS, c, cAt + 9 * cStride);
      c9x1 = fromArray(FLOATS, c, cAt + 9 * cStride + LANES);
      c10x0 = fromArray(FLOATS, c, cAt + 10 * cStride);
      c10x1 = fromArray(FLOATS, c, cAt + 10 * cStride + LANES);
      c11x0 = fromArray(FLOATS, c, cAt + 11 * cStride);
      c11x1 = fromArray(FLOATS, c, cAt + 11 * cStride + LANES);
      c12x0 = fromArray(FLOATS, c, cAt + 12 * cStride);
      c12x1 = fromArray(FLOATS, c, cAt + 12 * cStride + LANES);
      c13x0 = fromArray(FLOATS, c, cAt + 13 * cStride);
      c13x1 = fromArray(FLOATS, c, cAt + 13 * cStride + LANES);
    }
    for (int p = 0; p < depth; p++) {
      int x = aAt + p * ROWS;
      int y = bAt + p * COLUMNS;
      FloatVector b0 = fromArray(FLOATS, b, y);
      FloatVector b1 = fromArray(FLOATS, b, y + LANES);
      FloatVector factor = broadcast(FLOATS, a[x]);
      c0x0 = factor.fma(b0, c0x0);
      c0x1 = factor.fma(b1, c0x1);
      factor = broadcast(FLOATS, a[x + 1]);
      c1x0 = factor.fma(b0, c1x0);
      c1x1 = factor.fma(b1, c1x1);
      factor = broadcast(FLOATS, a[x + 2]);
      c2x0 = factor.fma(b0, c2x0);
      c2x1 = factor.fma(b1, c2x1);
      factor = broadcast(FLOATS, a[x + 3]);
      c3x0 = factor.fma(b0, c3x0);
      c3x1 = factor.fma(b1, c3x1);
      factor = broadcast(FLOATS, a[x + 4]);
      c4x0 = factor.fma(b0, c4x0);
      c4x1 = factor.fma(b1, c4x1);
      factor = broadcast(FLOATS, a[x + 5]);
      c5x0 = factor.fma(b0, c5x0);
      c5x1 = factor.fma(b1, c5x1);
      factor = broadcast(FLOATS, a[x + 6]);
      c6x0 = factor.fma(b0, c6x0);
      c6x1 = factor.fma(b1, c6x1);
      factor = broadcast(FLOATS, a[x + 7]);
      c7x0 = factor.fma(b0, c7x0);
      c7x1 = factor.fma(b1, c7x1);
      factor = broadcast(FLOATS, a[x + 8]);
      c8x0 = factor.fma(b0, c8x0);
      c8x1 = factor.fma(b1, c8x1);
      factor = broadcast(FLOATS, a[x + 9]);
      c9x0 = factor.fma(b0, c9x0);
      c9x1 = factor.fma(b1, c9x1);
      factor = broadcast(FLOATS, a[x + 10]);
      c10x0 = factor.fma(b0, c10x0);
      c10x1 = factor.fma(b1, c10x1);
      factor = broadcast(FLOATS, a[x + 11]);
      c11x0 = factor.fma(b0, c11x0);
      c11x1 = factor.fma(b1, c11x1);
      factor = broadcast(FLOATS, a[x + 12]);
      c12x0 = factor.fma(b0, c12x0);
      c12x1 = factor.fma(b1, c12x1);
      factor = broadcast(FLOATS, a[x + 13]);
      c13x0 = factor.fma(b0, c13x0);
      c13x1 = factor.fma(b1, c13x1);
    }
    c0x0.intoArray(c, cAt);
    c0x1.intoArray(c, cAt + LANES);
    c1x0.intoArray(c, cAt + cStride);
    c1x1.intoArray(c, cAt + cStride + LANES);
    c2x0.intoArray(c, cAt + 2 * cStride);
    c2x1.intoArray(c, cAt + 2 * cStride + LANES);
    c3x0.intoArray(c, cAt + 3 * cStride);
    c3x1.intoArray(c, cAt + 3 * cStride + LANES);
    c4x0.intoArray(c, cAt + 4 * cStride);
    c4x1.intoArray(c, cAt + 4 * cStride + LANES);
    c5x0.intoArray(c, cAt + 5 * cStride);
    c5x1.intoArray(c, cAt + 5 * cStride + LANES);
    c6x0.intoArray(c, cAt + 6 * cStride);
    c6x1.intoArray(c, cAt + 6 * cStride + LANES);
    c7x0.intoArray(c, cAt + 7 * cStride);
    c7x1.intoArray(c, cAt + 7 * cStride + LANES);
    c8x0.intoArray(c, cAt + 8 * cStride);
    c8x1.intoArray(c, cAt + 8 * cStride + LANES);
    c9x0.intoArray(c, cAt + 9 * cStride);
    c9x1.intoArray(c, cAt + 9 * cStride + LANES);
    c10x0.intoArray(c, cAt + 10 * cStride);
    c10x1.intoArray(c, cAt + 10 * cStride + LANES);
    c11x0.intoArray(c, cAt + 11 * cStride);
    c11x1.intoArray(c, cAt + 11 * cStride + LANES);
    c12x0.intoArray(c, cAt + 12 * cStride);
    c12x1.intoArray(c, cAt + 12 * cStride + LANES);
    c13x0.intoArray(c, cAt + 13 * cStride);
    c13x1.intoArray(c, cAt + 13 * cStride + LANES);
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
