package io.tritmill.kernels.model;

import io.tritmill.kernels.simd.Simd;

/**
 * The gated feed-forward (arXiv:2002.05202): down(SiLU(gate(x)) * up(x)), SiLU(z) = z / (1 + e^-z).
 *
 * <p>Holds scratch: one thread at a time.
 */
final class FeedForward {
  private final int intermediate;
  private final Rotations rotations;
  private final float[] gate; // (tile, intermediate)
  private final float[] up; // (tile, intermediate)
  private final float[] gateRow; // (intermediate)
  private final float[] upRow; // (intermediate)
  private final float[] decay; // (intermediate): e^-z of a row

  /**
   * @param tile most rows in a call
   */
  FeedForward(ModelConfig config, Rotations rotations, int tile) {
    this.rotations = rotations;
    intermediate = config.intermediate();
    gate = new float[Math.multiplyExact(tile, intermediate)];
    up = new float[gate.length];
    gateRow = new float[intermediate];
    upRow = new float[intermediate];
    decay = new float[intermediate];
  }

  /**
   * SiLU(gate(x)) * up(x) of each row, which stays here for {@link #reduce}.
   *
   * @param tokens rows
   * @param x (tokens, hidden)
   */
  void activate(BlockWeights weights, int tokens, float[] x, Taps taps) {
    weights.gate().apply(tokens, x, gate);
    weights.up().apply(tokens, x, up);
    taps.seeGates(tokens, intermediate, gate, up);
    for (int t = 0; t < tokens; t++) {
      activate(t * intermediate);
    }
    rotations.enterDown(tokens, gate);
    taps.see(TapSite.DOWN, tokens, intermediate, gate);
  }

  /**
   * down of what the last {@link #activate} left.
   *
   * @param y (tokens, hidden); overwritten
   */
  void reduce(BlockWeights weights, int tokens, float[] y) {
    weights.down().apply(tokens, gate, y);
  }

  /** gate = SiLU(gate) * up, for the row at {@code at}. */
  private void activate(int at) {
    // Rows of their own, all from 0 on: only then do compilers vectorize.
    System.arraycopy(gate, at, gateRow, 0, intermediate);
    System.arraycopy(up, at, upRow, 0, intermediate);
    System.arraycopy(gate, at, decay, 0, intermediate);
    Simd.exp(decay, 0, intermediate, 0, -1);
    for (int i = 0; i < intermediate; i++) {
      gateRow[i] = gateRow[i] / (1 + decay[i]) * upRow[i];
    }
    System.arraycopy(gateRow, 0, gate, at, intermediate);
  }
}
