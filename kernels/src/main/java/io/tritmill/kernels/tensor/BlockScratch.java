package io.tritmill.kernels.tensor;

import io.tritmill.kernels.simd.PackedFields;

/**
 * What a decoder of blocks writes before the weights: codes, a byte to each, and for every run of
 * them a scale and a value that is subtracted.
 *
 * <p>{@code least} is all zeros until a decoder writes there; one that never does has weights
 * {@code step * q}, signs of zeros included.
 */
final class BlockScratch {
  static final int LARGEST_BLOCK = 256;
  private static final int SHORTEST_RUN = 16;

  final byte[] codes = new byte[LARGEST_BLOCK];
  final float[] steps = new float[LARGEST_BLOCK / SHORTEST_RUN];
  final float[] least = new float[LARGEST_BLOCK / SHORTEST_RUN];

  /** Writes the weights of all runs: {@code steps[r] * (code - bias) - least[r]}. */
  void scale(int runs, int length, int bias, float[] into, int at) {
    PackedFields.scale(codes, 0, runs, length, bias, steps, least, into, at);
  }
}
