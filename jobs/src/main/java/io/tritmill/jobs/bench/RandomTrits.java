package io.tritmill.jobs.bench;

import io.tritmill.kernels.simd.TernarySource;
import java.util.Arrays;
import java.util.Random;

/**
 * One plane of random trits with a scale for each row.
 *
 * @param rows rows
 * @param columns columns
 * @param trits a run of trits; rows begin in it at places of their own
 */
record RandomTrits(int rows, int columns, byte[] trits) implements TernarySource {
  /** Trits that differ. */
  private static final int PERIOD = 99_991;

  /** A plane of so many rows. */
  static RandomTrits of(int rows, int columns) {
    Random random = new Random(1);
    byte[] trits = new byte[PERIOD + columns];
    for (int i = 0; i < trits.length; i++) {
      trits[i] = (byte) (random.nextInt(3) - 1);
    }
    return new RandomTrits(rows, columns, trits);
  }

  @Override
  public int planes() {
    return 1;
  }

  @Override
  public boolean tied() {
    return true;
  }

  @Override
  public int groupColumns() {
    return columns;
  }

  @Override
  public void trits(int plane, int row, byte[] into) {
    int from = (int) ((long) row * columns % PERIOD);
    System.arraycopy(trits, from, into, 0, columns);
  }

  @Override
  public void scales(int row, float[] into) {
    Arrays.fill(into, 1);
  }
}
