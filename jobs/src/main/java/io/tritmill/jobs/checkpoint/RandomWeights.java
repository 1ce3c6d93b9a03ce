package io.tritmill.jobs.checkpoint;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Random;

/**
 * The random weights of one tensor, row by row and in any order of rows.
 *
 * <p>Like those of trained models: normal within a row, row scales spread log-normally around 1 /
 * sqrt(columns), and about one column in 512 that is several times as large as the rest. A vector
 * is a norm's, close to 1.
 *
 * <p>Fast rather than fine: each 64-bit hash picks four out of 65536 normal draws.
 */
final class RandomWeights {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;
  private static final double ROW_SPREAD = 0.35;
  private static final int OUTLIER_ONE_IN = 512;
  private static final double OUTLIER_FACTOR = 3;
  private static final float NORM_SPREAD = 0.05f;
  private static final float[] DRAWS = draws();

  private final long seed;
  private final boolean matrix;
  private final float[] columnScale; // (columns), with 1 / sqrt(columns) in it

  /**
   * Weights that depend on seed and name alone.
   *
   * @param matrix whether the tensor is a matrix, not a norm's vector
   */
  RandomWeights(long seed, String name, int columns, boolean matrix) {
    this.seed = hash(seed, name);
    this.matrix = matrix;
    this.columnScale = new float[columns];
    Random random = new Random(this.seed);
    double base = 1 / Math.sqrt(columns);
    for (int column = 0; column < columns; column++) {
      boolean outlier = random.nextInt(OUTLIER_ONE_IN) == 0;
      double draw = Math.abs(random.nextGaussian());
      columnScale[column] = (float) (outlier ? base * (1 + OUTLIER_FACTOR * draw) : base);
    }
  }

  /** Writes one row into the first elements of an array. */
  void row(long row, float[] into) {
    long state = mix(seed + row * GOLDEN);
    float rowScale = (float) StrictMath.exp(ROW_SPREAD * DRAWS[(int) (state >>> 48)]);
    for (int column = 0; column < columnScale.length; column += 4) {
      state += GOLDEN;
      long hash = mix(state);
      int end = Math.min(4, columnScale.length - column);
      for (int i = 0; i < end; i++) {
        float draw = DRAWS[(int) (hash >>> 16 * i) & 0xffff];
        into[column + i] =
            matrix ? draw * columnScale[column + i] * rowScale : 1 + NORM_SPREAD * draw;
      }
    }
  }

  // The finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
  // generators).
  private static long mix(long value) {
    long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  private static long hash(long seed, String name) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, seed));
      return ByteBuffer.wrap(digest.digest(name.getBytes(StandardCharsets.UTF_8))).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  private static float[] draws() {
    Random random = new Random(1);
    float[] draws = new float[1 << 16];
    for (int i = 0; i < draws.length; i++) {
      draws[i] = (float) random.nextGaussian();
    }
    return draws;
  }
}
