package io.tritmill.kernels.simd.trit;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The definition of every sum: one row at a time, four trits of two bits to a code. */
final class ScalarTernary implements TernaryKernel {
  private static final int TRITS = 4;

  @Override
  public int rows() {
    return 1;
  }

  @Override
  public int blocksAtOnce() {
    return 1;
  }

  @Override
  public int tritsPerCode() {
    return TRITS;
  }

  @Override
  public int longestRun() {
    return 1024;
  }

  @Override
  public int blockBytes(int codes) {
    return codes;
  }

  @Override
  public int tableBytes() {
    return TRITS;
  }

  @Override
  public void encode(byte[] trits, int codes, byte[] into, int at) {
    for (int code = 0; code < codes; code++) {
      int bits = 0;
      for (int i = 0; i < TRITS; i++) {
        bits |= trits[TRITS * code + i] + 1 << 2 * i;
      }
      into[at + code] = (byte) bits;
    }
  }

  @Override
  public void tabulate(byte[] activations, int from, int codes, byte[] tables) {
    System.arraycopy(activations, from, tables, 0, TRITS * codes);
  }

  @Override
  public int partialInts() {
    return 1;
  }

  @Override
  public void lookUp(
      MemorySegment blocks,
      long[] starts,
      int codes,
      byte[] tables,
      int[] partial,
      int at,
      int apart) {
    int sum = 0;
    for (int i = 0; i < TRITS * codes; i++) {
      byte code = blocks.get(ValueLayout.JAVA_BYTE, starts[0] + i / TRITS);
      int trit = (code >> 2 * (i % TRITS) & 3) - 1;
      sum += trit * tables[i];
    }
    partial[at] = sum;
  }

  @Override
  public void widen(int[] partial, int at, int[] sums, int to) {
    sums[to] = partial[at];
  }

  @Override
  public void add(int[] sums, int at, int next, int count) {
    for (int i = 0; i < count; i++) {
      sums[at + i] += sums[next + i];
    }
  }

  @Override
  public void tripleAndAdd(int[] sums, int at, int next, int count) {
    for (int i = 0; i < count; i++) {
      sums[at + i] = 3 * sums[at + i] + sums[next + i];
    }
  }

  @Override
  public void scaleAndAdd(
      int[] sums, int at, MemorySegment scales, long scale, float[] y, int row) {
    y[row] = Math.fma(scales.get(SCALE, scale), (float) sums[at], y[row]);
  }
}
