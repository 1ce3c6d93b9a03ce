package io.tritmill.jobs.plan;

import io.tritmill.kernels.quantize.PackedBand;

/** Where a matrix is cut into bands of rows: by its width alone, so that no cluster has a say. */
public final class Bands {
  /** Weights in a band: 8 MiB of half precision, a few hundredths of a second of work or more. */
  static final int TARGET_WEIGHTS = 1 << 22;

  private Bands() {}

  /**
   * Rows of each band but the last. Planes are flat runs of trits, five to a byte, so these bands
   * hold a multiple of five trits, and their bytes can be joined to their neighbours'.
   */
  public static int rows(int columns) {
    return PackedBand.rows(columns, TARGET_WEIGHTS);
  }
}
