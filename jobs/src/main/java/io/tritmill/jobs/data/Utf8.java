package io.tritmill.jobs.data;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Bytes as text, strictly: a replacement character would be evaluated as if it stood there. */
final class Utf8 {
  private Utf8() {}

  /**
   * Decodes.
   *
   * @throws IllegalArgumentException if the bytes are not UTF-8
   */
  static String decode(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("text is not UTF-8", e);
    }
  }
}
