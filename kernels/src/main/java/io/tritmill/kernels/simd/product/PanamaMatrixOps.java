package io.tritmill.kernels.simd.product;

import io.tritmill.kernels.simd.lanes.Species;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The operations of {@link ScalarMatrixOps} in vector registers, with the same bits. */
final class PanamaMatrixOps implements MatrixOps {
  private static final VectorSpecies<Float> FLOATS = Species.FLOATS;
  private static final VectorSpecies<Double> DOUBLES = Species.DOUBLES;
  private static final int LANES = Species.LANES;
  private static final int DOUBLE_LANES = LANES / 2;
  private static final int LOG_LANES = Integer.numberOfTrailingZeros(LANES);
  private static final ScalarMatrixOps SCALAR = new ScalarMatrixOps();

  /** For a distance of 1, 2, 4, 8 lanes: the lane at that distance. */
  private static final IntVector OTHER_1 = other(1), OTHER_2 = other(2);

  private static final IntVector OTHER_4 = other(4), OTHER_8 = other(8);

  /** 1 in the lanes that take a sum, -1 in those that take a difference. */
  private static final FloatVector SIGN_1 = sign(1), SIGN_2 = sign(2);

  private static final FloatVector SIGN_4 = sign(4), SIGN_8 = sign(8);

  @Override
  public void gather(
      int rows, int width, float[] source, int from, int stride, float[] into, int at) {
    // Whole registers reach into the next pieces, which are copied later, but never beyond the
    // last.
    int reach = width + LANES - 1 & -LANES;
    int inside = Math.floorDiv(rows * width - reach, width) + 1;
    int present = Math.floorDiv(source.length - from - reach, stride) + 1;
    int quick = width < LANES / 2 ? 0 : Math.clamp(Math.min(inside, present), 0, rows);
    for (int p = 0; p < quick; p++) {
      for (int j = 0; j < width; j += LANES) {
        FloatVector.fromArray(FLOATS, source, from + p * stride + j)
            .intoArray(into, at + p * width + j);
      }
    }
    SCALAR.gather(
        rows - quick, width, source, from + quick * stride, stride, into, at + quick * width);
  }

  @Override
  public void addTile(
      int rows, int columns, float[] tile, int tileStride, double[] c, int cAt, int cStride) {
    int whole = columns & -DOUBLE_LANES;
    for (int r = 0; r < rows; r++) {
      int from = r * tileStride;
      int into = cAt + r * cStride;
      for (int j = 0; j < whole; j += DOUBLE_LANES) {
        DoubleVector.fromArray(DOUBLES, c, into + j)
            .add(
                FloatVector.fromArray(Species.HALF_FLOATS, tile, from + j)
                    .convertShape(VectorOperators.F2D, DOUBLES, 0))
            .intoArray(c, into + j);
      }
      for (int j = whole; j < columns; j++) {
        c[into + j] += tile[from + j];
      }
    }
  }

  @Override
  public void scale(float[] x, int at, int length, float[] factors) {
    int whole = length & -LANES;
    for (int j = 0; j < whole; j += LANES) {
      FloatVector.fromArray(FLOATS, x, at + j)
          .mul(FloatVector.fromArray(FLOATS, factors, j))
          .intoArray(x, at + j);
    }
    for (int j = whole; j < length; j++) {
      x[at + j] *= factors[j];
    }
  }

  @Override
  public void walshHadamard(float[] x, int at, int log) {
    int length = 1 << log;
    if (length < LANES) {
      SCALAR.walshHadamard(x, at, log);
      return;
    }
    for (int i = at; i < at + length; i += LANES) {
      withinRegister(FloatVector.fromArray(FLOATS, x, i)).intoArray(x, i);
    }
    int h = LANES;
    if ((log - LOG_LANES) % 2 != 0) {
      butterflies(x, at, length, h);
      h *= 2;
    }
    for (; h < length; h *= 4) {
      doubleButterflies(x, at, length, h);
    }
  }

  /**
   * The pairs that lie in one register; a factor of 1 or -1 is exact, so fusing changes nothing.
   */
  private static FloatVector withinRegister(FloatVector v) {
    v = v.fma(SIGN_1, exchanged(v, OTHER_1));
    v = v.fma(SIGN_2, exchanged(v, OTHER_2));
    if (LANES >= 8) {
      v = v.fma(SIGN_4, exchanged(v, OTHER_4));
    }
    if (LANES == 16) {
      v = v.fma(SIGN_8, exchanged(v, OTHER_8));
    }
    return v;
  }

  private static FloatVector exchanged(FloatVector v, IntVector other) {
    return other.selectFrom(v.reinterpretAsInts()).reinterpretAsFloats();
  }

  private static void butterflies(float[] x, int at, int length, int h) {
    for (int first = at; first < at + length; first += 2 * h) {
      for (int i = first; i < first + h; i += LANES) {
        FloatVector a = FloatVector.fromArray(FLOATS, x, i);
        FloatVector b = FloatVector.fromArray(FLOATS, x, i + h);
        a.add(b).intoArray(x, i);
        a.sub(b).intoArray(x, i + h);
      }
    }
  }

  /** The pairs h apart and then those 2 h apart. */
  private static void doubleButterflies(float[] x, int at, int length, int h) {
    for (int first = at; first < at + length; first += 4 * h) {
      for (int i = first; i < first + h; i += LANES) {
        FloatVector a = FloatVector.fromArray(FLOATS, x, i);
        FloatVector b = FloatVector.fromArray(FLOATS, x, i + h);
        FloatVector c = FloatVector.fromArray(FLOATS, x, i + 2 * h);
        FloatVector d = FloatVector.fromArray(FLOATS, x, i + 3 * h);
        FloatVector ab = a.add(b);
        FloatVector cd = c.add(d);
        ab.add(cd).intoArray(x, i);
        ab.sub(cd).intoArray(x, i + 2 * h);
        ab = a.sub(b);
        cd = c.sub(d);
        ab.add(cd).intoArray(x, i + h);
        ab.sub(cd).intoArray(x, i + 3 * h);
      }
    }
  }

  @Override
  public void mix(float[] x, int at, int order, int run, float[] signs, float[] scratch) {
    if (run % LANES != 0) {
      SCALAR.mix(x, at, order, run, signs, scratch);
      return;
    }
    for (int i = at; i < at + run; i += LANES) {
      for (int s = 0; s < order; s++) {
        FloatVector.fromArray(FLOATS, x, i + s * run).intoArray(scratch, s * LANES);
      }
      for (int r = 0; r < order; r += 4) {
        mixFour(x, i + r * run, order, run, signs, r * order, scratch);
      }
    }
  }

  /** Four of the sums for one register of columns; orders are multiples of four. */
  private static void mixFour(
      float[] x, int at, int order, int run, float[] signs, int row, float[] scratch) {
    FloatVector v = FloatVector.fromArray(FLOATS, scratch, 0);
    FloatVector s0 = v.mul(signs[row]);
    FloatVector s1 = v.mul(signs[row + order]);
    FloatVector s2 = v.mul(signs[row + 2 * order]);
    FloatVector s3 = v.mul(signs[row + 3 * order]);
    for (int s = 1; s < order; s++) {
      v = FloatVector.fromArray(FLOATS, scratch, s * LANES);
      s0 = v.fma(FloatVector.broadcast(FLOATS, signs[row + s]), s0);
      s1 = v.fma(FloatVector.broadcast(FLOATS, signs[row + order + s]), s1);
      s2 = v.fma(FloatVector.broadcast(FLOATS, signs[row + 2 * order + s]), s2);
      s3 = v.fma(FloatVector.broadcast(FLOATS, signs[row + 3 * order + s]), s3);
    }
    s0.intoArray(x, at);
    s1.intoArray(x, at + run);
    s2.intoArray(x, at + 2 * run);
    s3.intoArray(x, at + 3 * run);
  }

  private static IntVector other(int distance) {
    int[] lanes = new int[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] = (lane ^ distance) & LANES - 1;
    }
    return IntVector.fromArray(Species.INTS, lanes, 0);
  }

  private static FloatVector sign(int distance) {
    float[] signs = new float[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      signs[lane] = (lane & distance) == 0 ? 1 : -1;
    }
    return FloatVector.fromArray(FLOATS, signs, 0);
  }
}
