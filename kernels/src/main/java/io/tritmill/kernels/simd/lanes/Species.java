package io.tritmill.kernels.simd.lanes;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The registers of this machine, at most 512 bits of them, and the fixed tree of a float sum. */
public final class Species {
  private static final VectorShape SHAPE =
      FloatVector.SPECIES_PREFERRED.vectorBitSize() > 512
          ? VectorShape.S_512_BIT
          : FloatVector.SPECIES_PREFERRED.vectorShape();

  public static final VectorSpecies<Float> FLOATS = VectorSpecies.of(float.class, SHAPE);
  public static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SHAPE);
  public static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, SHAPE);

  /** Floats in a register: 16, 8 or 4. */
  public static final int LANES = FLOATS.length();

  /** As many floats as {@link #DOUBLES} has doubles. */
  public static final VectorSpecies<Float> HALF_FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(SHAPE.vectorBitSize() / 2));

  /** Two bytes for each of {@link #LANES}. */
  static final VectorSpecies<Byte> HALF_BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(SHAPE.vectorBitSize() / 2));

  /** One byte for each of {@link #LANES}, but no register has fewer than eight. */
  public static final VectorSpecies<Byte> QUARTER_BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, SHAPE.vectorBitSize() / 4)));

  private static final VectorShuffle<Float> BY_8 = rotation(8);
  private static final VectorShuffle<Float> BY_4 = rotation(4);
  private static final VectorShuffle<Float> BY_2 = rotation(2);
  private static final VectorShuffle<Float> BY_1 = rotation(1);

  /** Of the lanes of two registers those whose number has the bit clear, or set. */
  private static final IntVector LOWER_8 = parts(8, 0), UPPER_8 = parts(8, 8);

  private static final IntVector LOWER_4 = parts(4, 0), UPPER_4 = parts(4, 4);

  private static final VectorShuffle<Float> EVERY_4 =
      VectorShuffle.fromOp(FLOATS, lane -> 4 * lane & FLOATS.length() - 1);

  private Species() {}

  private static IntVector parts(int size, int bit) {
    int[] lanes = new int[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] = (lane / size * 2 * size + lane % size | bit) & 2 * LANES - 1;
    }
    return IntVector.fromArray(INTS, lanes, 0);
  }

  private static VectorShuffle<Float> rotation(int lanes) {
    return VectorShuffle.fromOp(FLOATS, lane -> lane + lanes & FLOATS.length() - 1);
  }

  /** Sums 32 lanes, {@link #LANES} to an argument; arguments that are too many are ignored. */
  static float tree(
      FloatVector s0,
      FloatVector s1,
      FloatVector s2,
      FloatVector s3,
      FloatVector s4,
      FloatVector s5,
      FloatVector s6,
      FloatVector s7) {
    if (LANES == 4) {
      s0 = s0.add(s4);
      s1 = s1.add(s5);
      s2 = s2.add(s6);
      s3 = s3.add(s7);
    }
    if (LANES <= 8) {
      s0 = s0.add(s2);
      s1 = s1.add(s3);
    }
    return tree(s0.add(s1));
  }

  /** Sums the lanes of one register: lane l takes lane l + h for h = 8, 4, 2, 1. */
  public static float tree(FloatVector s) {
    if (LANES == 16) {
      s = s.add(s.rearrange(BY_8));
    }
    if (LANES >= 8) {
      s = s.add(s.rearrange(BY_4));
    }
    s = s.add(s.rearrange(BY_2));
    s = s.add(s.rearrange(BY_1));
    return s.lane(0);
  }

  /**
   * Writes the lane sums of four registers of 16 lanes, each as {@link #tree(FloatVector)} has it.
   *
   * <p>Two registers whose halves are added need one register for what is left, so that the four
   * take little more than one.
   */
  static void trees(
      FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3, float[] into, int at) {
    FloatVector s01 = addParts(s0, s1, LOWER_8, UPPER_8);
    FloatVector s23 = addParts(s2, s3, LOWER_8, UPPER_8);
    FloatVector s = addParts(s01, s23, LOWER_4, UPPER_4);
    s = s.add(s.rearrange(BY_2));
    s = s.add(s.rearrange(BY_1));
    s.rearrange(EVERY_4)
        .reinterpretShape(FloatVector.SPECIES_128, 0)
        .reinterpretAsFloats()
        .intoArray(into, at);
  }

  private static FloatVector addParts(
      FloatVector first, FloatVector second, IntVector lower, IntVector upper) {
    IntVector a = first.reinterpretAsInts();
    IntVector b = second.reinterpretAsInts();
    return lower
        .selectFrom(a, b)
        .reinterpretAsFloats()
        .add(upper.selectFrom(a, b).reinterpretAsFloats());
  }

  /** The 32 lanes, {@link #LANES} to an argument; arguments that are too many are ignored. */
  static float[] lanes(FloatVector... registers) {
    float[] lanes = new float[ScalarOps.LANES];
    for (int lane = 0; lane < lanes.length; lane += LANES) {
      registers[lane / LANES].intoArray(lanes, lane);
    }
    return lanes;
  }
}
