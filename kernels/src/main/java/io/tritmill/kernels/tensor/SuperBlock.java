package io.tritmill.kernels.tensor;

/**
 * What a block of integers says, field by field, to be written as one of ggml's K-quants or of its
 * blocks with a least value: the counterpart of {@link SuperBlocks} and {@link PlainBlocks}.
 *
 * <p>A weight is {@code scale * scales[run] * (code - zero) - leastScale * leasts[run]}.
 */
public final class SuperBlock {
  /** Weights of a block; fewer where it is one run. */
  public static final int SIZE = 256;

  private static final int SMALL = 32;

  /** Most runs of a block. */
  public static final int MOST_RUNS = 16;

  /** An IEEE half, which a block that is one run has times the run's. */
  public float scale;

  /** An IEEE half, where the type has least values. */
  public float leastScale;

  /** Of each run, as many as the type has. */
  public final int[] scales = new int[MOST_RUNS];

  /** Of each run, where the type has least values. */
  public final int[] leasts = new int[MOST_RUNS];

  /** Unsigned. */
  public final byte[] codes = new byte[SIZE];

  /**
   * Writes the block.
   *
   * @param into zeros, from {@code at} on
   * @throws IllegalArgumentException if the type is none of them
   */
  public void write(BlockType type, byte[] into, int at) {
    switch (type) {
      case Q4_1 -> {
        oneRun(into, at);
        pack(SMALL, 0, 4, 16, into, at + 4);
      }
      case Q5_1 -> {
        oneRun(into, at);
        for (int i = 0; i < SMALL; i++) {
          into[at + 4 + i / 8] |= (byte) (codes[i] >> 4 << i % 8);
        }
        pack(SMALL, 0, 4, 16, into, at + 8);
      }
      case Q2_K -> q2(into, at);
      case Q3_K -> q3(into, at);
      case Q4_K -> {
        longRuns(into, at);
        pack(0, 4, 32, into, at + 16);
      }
      case Q5_K -> {
        longRuns(into, at);
        pack(4, 1, 32, into, at + 16);
        pack(0, 4, 32, into, at + 48);
      }
      case Q6_K -> q6(into, at);
      default -> throw new IllegalArgumentException(type + " is not written by its fields");
    }
  }

  private void oneRun(byte[] into, int at) {
    half(scale * scales[0], into, at);
    half(0 - leastScale * leasts[0], into, at + 2);
  }

  private void q2(byte[] into, int at) {
    for (int run = 0; run < 16; run++) {
      into[at + run] = (byte) (scales[run] | leasts[run] << 4);
    }
    pack(0, 2, 32, into, at + 16);
    half(scale, into, at + 80);
    half(leastScale, into, at + 82);
  }

  private void q3(byte[] into, int at) {
    pack(2, 1, 32, into, at);
    pack(0, 2, 32, into, at + 32);
    for (int run = 0; run < 16; run++) {
      int field = scales[run] + 32;
      into[at + 96 + run % 8] |= (byte) ((field & 15) << run / 8 * 4);
      into[at + 104 + run % 4] |= (byte) (field >> 4 << run / 4 * 2);
    }
    half(scale, into, at + 108);
  }

  private void longRuns(byte[] into, int at) {
    half(scale, into, at);
    half(leastScale, into, at + 2);
    int fields = at + 4;
    for (int run = 0; run < 4; run++) {
      into[fields + run] = (byte) (scales[run] | scales[run + 4] >> 4 << 6);
      into[fields + run + 4] = (byte) (leasts[run] | leasts[run + 4] >> 4 << 6);
      into[fields + run + 8] = (byte) (scales[run + 4] & 15 | (leasts[run + 4] & 15) << 4);
    }
  }

  private void q6(byte[] into, int at) {
    pack(0, 4, 64, into, at);
    pack(4, 2, 32, into, at + 128);
    for (int run = 0; run < 16; run++) {
      into[at + 192 + run] = (byte) scales[run];
    }
    half(scale, into, at + 208);
  }

  /**
   * Packs some bits of every code of 256.
   *
   * @param shift of a code before its lowest {@code width} bits are taken
   * @param bytes whose lowest fields are filled first, one after the other, then those above
   */
  private void pack(int shift, int width, int bytes, byte[] into, int at) {
    pack(SIZE, shift, width, bytes, into, at);
  }

  private void pack(int count, int shift, int width, int bytes, byte[] into, int at) {
    int group = bytes * 8 / width;
    int mask = (1 << width) - 1;
    for (int i = 0; i < count; i++) {
      int field = (codes[i] & 0xff) >> shift & mask;
      into[at + i / group * bytes + i % bytes] |= (byte) (field << i % group / bytes * width);
    }
  }

  private static void half(float value, byte[] into, int at) {
    short bits = Float.floatToFloat16(value);
    into[at] = (byte) bits;
    into[at + 1] = (byte) (bits >>> Byte.SIZE);
  }
}
