package io.tritmill.kernels.carrier;

import io.tritmill.kernels.code.Blocks;
import io.tritmill.kernels.code.PackedIntegers;
import io.tritmill.kernels.code.PackedMatrix;
import io.tritmill.kernels.code.PackedPlanes;
import java.util.Optional;

/**
 * A matrix whose weights are integers times the scale of a group, however it is stored: what
 * formats of other programs take over code by code.
 */
public interface ScaledIntegers {
  /** Rows of the matrix. */
  int rows();

  /** Columns of the matrix. */
  int columns();

  /** Which integers there are, and who shares a scale. */
  IntegerGrid grid();

  /** The scale of a group of a row: an IEEE half, of either sign. */
  float scale(int row, int group);

  /** The smallest integer that a group of a row may have. */
  default int least(int row, int group) {
    return grid().low();
  }

  /**
   * Writes how far the integers of a row are above the least of their group.
   *
   * @param into receives (columns) numbers without a sign, from 0 on
   */
  void codes(int row, byte[] into);

  /** The same matrix, where its weights are integers times scales. */
  static Optional<ScaledIntegers> of(PackedMatrix matrix) {
    if (IntegerGrid.of(matrix.levels(), matrix.columns()).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        switch (matrix) {
          case PackedPlanes planes -> new TiedIntegers(planes);
          case PackedIntegers integers -> new CodedIntegers(integers);
          case Blocks blocks ->
              throw new IllegalStateException("Scales of blocks have scales themselves");
        });
  }
}
