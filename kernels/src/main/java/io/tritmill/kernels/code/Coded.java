package io.tritmill.kernels.code;

import io.tritmill.kernels.tensor.WeightRows;
import java.util.List;

/** A matrix as codes on levels, while it is worked on; packed it is a {@link PackedMatrix}. */
public sealed interface Coded extends WeightRows permits TritPlanes, IntegerCodes, Blocks {
  /** The levels that the codes are of. */
  Levels levels();

  /** The same as it is stored. */
  default PackedMatrix pack() {
    Packer packer = levels().packer(rows(), columns());
    packer.add(this);
    return packer.build();
  }

  /** Takes the codes and the scales of one row of others on the same levels. */
  void takeRow(Coded other, int row);

  /** Whether all scales of a group of a row are zero, so that its weights are. */
  boolean zero(int row, int group);

  /** How often each trit occurs, a count for each plane; none where codes are no trits. */
  List<TritCounts> tritCounts();

  /**
   * The same as what it is where its codes are trits.
   *
   * @throws IllegalStateException if they are none
   */
  default TritPlanes planes() {
    throw new IllegalStateException("Codes are no trits but " + levels().codeType());
  }
}
