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

  /**
   * A string that can be written in UTF-8: JSON can spell half a character.
   *
   * @param what names it
   * @throws IllegalArgumentException if it holds one
   */
  static String requireUnicode(String text, String what) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (Character.charCount(text.codePointAt(i)) == 1) {
          throw new IllegalArgumentException(
              "%s is no Unicode: it holds half a character, \\u%04x"
                  .formatted(what, (int) text.charAt(i)));
        }
        i++;
      }
    }
    return text;
  }
}
