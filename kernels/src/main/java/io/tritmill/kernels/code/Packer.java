package io.tritmill.kernels.code;

/** Packs a matrix some rows at a time, so that its codes are never in memory all at once. */
public sealed interface Packer permits PlanePacker, IntegerPacker, BlockPacker {
  /**
   * Packs the next rows.
   *
   * @throws IllegalArgumentException if they are of another shape or on other levels, or do not
   *     begin at a byte
   */
  void add(Coded next);

  /**
   * The matrix.
   *
   * @throws IllegalStateException if rows are missing
   */
  PackedMatrix build();
}
