package io.tritmill.kernels.tensor;

/** Decodes one block. */
@FunctionalInterface
interface BlockDecoder {
  /**
   * Decodes the block that begins at byte {@code offset} into {@code into[at]} and what follows.
   *
   * @param scratch that no decoder of another type has written to
   */
  void decode(byte[] source, int offset, float[] into, int at, BlockScratch scratch);

  /** A half-precision number of a block. */
  static float half(byte[] source, int offset) {
    return Float.float16ToFloat(
        (short) (Byte.toUnsignedInt(source[offset]) | source[offset + 1] << 8));
  }

  /** A little-endian number of four bytes. */
  static int int32(byte[] source, int offset) {
    return Byte.toUnsignedInt(source[offset])
        | Byte.toUnsignedInt(source[offset + 1]) << 8
        | Byte.toUnsignedInt(source[offset + 2]) << 16
        | source[offset + 3] << 24;
  }
}
