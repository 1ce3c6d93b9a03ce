package io.tritmill.kernels.simd;

/**
 * A matrix of trit-planes that {@link TernaryMatrix} reads once, however it is stored.
 *
 * <p>w[r, c] = sum over planes p of scale(r, group of c, p) * trit[p][r, c]. The scales of tied
 * planes stand 3:1 or 9:3:1 and only the last is given.
 */
public interface TernarySource {
  /** Number of rows. */
  int rows();

  /** Number of columns, at least 1. */
  int columns();

  /** Trit-planes, at least 1. */
  int planes();

  /** Whether one scale serves all planes of a group. */
  boolean tied();

  /** Columns that share scales in a row, 1 to {@link #columns}; the last group may be shorter. */
  int groupColumns();

  /**
   * Writes the trits of a row, each -1, 0 or 1.
   *
   * @param into receives (columns)
   */
  void trits(int plane, int row, byte[] into);

  /**
   * Writes the scales of a row.
   *
   * @param into receives (groups, scales of a group): a scale for each plane, or one when tied
   */
  void scales(int row, float[] into);
}
