package io.tritmill.kernels.carrier;

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

  /** Columns that share a scale; the last group of a row may have fewer. */
  int groupColumns();

  /** The smallest integer that its levels have, -255 to 0. */
  int low();

  /** The largest, 0 to 255. */
  int high();

  /** The scale of a group of a row: an IEEE half, of either sign. */
  float scale(int row, int group);

  /**
   * Writes the integers of a row.
   *
   * @param into receives (columns), from 0 on
   */
  void integers(int row, short[] into);

  /** The same matrix, where its weights are integers times scales. */
  static Optional<ScaledIntegers> of(PackedMatrix matrix) {
    return switch (matrix) {
      case PackedPlanes planes when planes.layout().shifted() -> Optional.empty();
      case PackedPlanes planes when planes.layout().tied() || planes.layout().planes() == 1 ->
          Optional.of(new TiedIntegers(planes));
      case PackedPlanes planes -> Optional.empty();
      case PackedIntegers integers -> Optional.of(new CodedIntegers(integers));
    };
  }
}
