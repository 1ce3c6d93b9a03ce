package io.tritmill.kernels.code;

import io.tritmill.kernels.tensor.WeightRows;
import java.util.List;

/** A matrix as it is stored: codes and scales in bytes. */
public sealed interface PackedMatrix extends WeightRows
    permits PackedPlanes, PackedIntegers, Blocks {
  /** The levels that the codes are of. */
  Levels levels();

  /** The bytes of each of the {@link Levels#pieces}. */
  List<byte[]> pieces();

  /** Statistics of the stored scales. */
  ScaleStatistics scaleStatistics();

  /**
   * Looks at codes of strangers before they are decoded.
   *
   * @throws IllegalArgumentException if one stands for no level; the message says which
   */
  void requireCodes();

  /** Stored bits, scales and padding included. */
  default long bits() {
    return pieces().stream().mapToLong(piece -> 8L * piece.length).sum();
  }

  /** {@link #bits} over the number of weights. */
  default double bitsPerWeight() {
    return (double) bits() / ((double) rows() * columns());
  }
}
