package io.tritmill.kernels.code;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Which values the weights of a matrix can take, who shares what they are scaled by, and as which
 * pieces codes and scales are stored: known from a method's parameters alone.
 */
public sealed interface Levels extends Serializable
    permits PlaneLayout, IntegerLevels, BlockLevels {
  /** What is appended to the name of a matrix for its codes, which every one has, of any levels. */
  List<String> SUFFIXES = List.of(PlaneLayout.TRITS, IntegerLevels.CODES, BlockLevels.BLOCKS);

  /** Who shares a scale. */
  Group group();

  /** Why a row of so many columns does not have them; empty where it does. */
  default Optional<String> refusal(int columns) {
    return Optional.empty();
  }

  /** What a code is, in a word for reports. */
  String codeType();

  /** Bytes that the codes of a weight take while they are worked on. */
  int codeBytes();

  /**
   * What a matrix, or a band of its rows, is stored as, in the order in which a band is written.
   *
   * @throws IllegalArgumentException if these levels are not of so many rows
   */
  List<Piece> pieces(int rows, int columns);

  /** Codes and scales of a matrix that are still to be found. */
  Coded zeros(int rows, int columns);

  /** Packs a matrix some rows at a time. */
  Packer packer(int rows, int columns);

  /**
   * The matrix that is stored as these pieces.
   *
   * @param stored the bytes of each of {@link #pieces}
   * @throws IllegalArgumentException if they do not fit the shape, or scales are not finite
   */
  PackedMatrix packed(int rows, int columns, List<byte[]> stored);

  /** The same of pieces that follow each other. */
  default PackedMatrix packed(int rows, int columns, byte[] band) {
    List<byte[]> stored = new ArrayList<>();
    int at = 0;
    for (Piece piece : pieces(rows, columns)) {
      int end = Math.addExact(at, Math.toIntExact(piece.bytes()));
      stored.add(Arrays.copyOfRange(band, at, end));
      at = end;
    }
    return packed(rows, columns, stored);
  }

  /** Bytes of all pieces. */
  default long bytes(int rows, int columns) {
    return pieces(rows, columns).stream().mapToLong(Piece::bytes).sum();
  }
}
