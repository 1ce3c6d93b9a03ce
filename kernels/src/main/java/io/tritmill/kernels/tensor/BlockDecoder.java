package io.tritmill.kernels.tensor;

/** Decodes one block. */
@FunctionalInterface
interface BlockDecoder {
  /**
   * Decodes the block that begins at byte {@code offset} into {@code into[at]} and what follows.
   *
   * @param scratch at least 16 floats that the decoder may use as it likes
   */
  void decode(byte[] source, int offset, float[] into, int at, float[] scratch);

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

  /**
   * Sixteen bytes of two codes each: the low halves are elements 0 to 15, the high ones 16 to 31.
   *
   * @param values what each of the 16 codes means
   */
  static void nibbles(byte[] source, int offset, float[] into, int at, float[] values) {
    for (int i = 0; i < 16; i++) {
      int codes = source[offset + i];
      into[at + i] = values[codes & 15];
      into[at + 16 + i] = values[codes >> 4 & 15];
    }
  }
}
