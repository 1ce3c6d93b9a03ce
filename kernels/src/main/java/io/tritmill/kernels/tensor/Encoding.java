package io.tritmill.kernels.tensor;

import java.util.Optional;

/**
 * How the weights of a row lie in bytes: one by one ({@link DType}), or in blocks that share scales
 * ({@link BlockType}).
 *
 * <p>Blocks never reach over the end of a row, so that rows can be read one without the other.
 */
public sealed interface Encoding permits DType, BlockType {
  /** Its name in files: as safetensors spells it, or ggml. */
  String name();

  /** Elements of a block. */
  int blockElements();

  /** Bytes of a block. */
  int blockBytes();

  /**
   * Bytes of so many elements.
   *
   * @throws ArithmeticException if they are no whole number of blocks, or need more than 2^63
   */
  default long bytes(long elements) {
    if (elements % blockElements() != 0) {
      throw new ArithmeticException(
          "%d elements are no whole number of blocks of %s, which have %d"
              .formatted(elements, name(), blockElements()));
    }
    return Math.multiplyExact(elements / blockElements(), (long) blockBytes());
  }

  /**
   * Decodes elements that begin at byte {@code offset}.
   *
   * @param count elements, a whole number of blocks
   * @throws IndexOutOfBoundsException if one of the arrays has no such range
   */
  void decode(byte[] source, int offset, float[] into, int at, int count);

  /** The encoding of this name, or empty where it is none of weights. */
  static Optional<Encoding> of(String name) {
    Optional<DType> plain = DType.of(name);
    return plain.isPresent() ? plain.map(type -> type) : BlockType.of(name).map(type -> type);
  }
}
