package io.tritmill.jobs.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;

/**
 * The table of a Precompiled normalizer: a double array trie of 32-bit units whose leaves point
 * into a text of replacements, each ended by a zero byte, in the layout of SentencePiece.
 *
 * <p>The library follows the table without looking where its arrays end, so every way through the
 * trie is walked here once.
 */
final class TokenizerCharsmap {
  private static final int MAX_TEXT = 8 << 20;
  private static final int MAX_REPLACEMENT = 64;

  private final TokenizerPart part;
  private final int[] units;
  private final byte[] texts;
  private int longest;

  private TokenizerCharsmap(TokenizerPart part, int[] units, byte[] texts) {
    this.part = part;
    this.units = units;
    this.texts = texts;
  }

  /** Refuses a table that leads outside; gives the length of its longest replacement. */
  static int check(TokenizerPart part) {
    ByteBuffer bytes = bytes(part, part.text("precompiled_charsmap", MAX_TEXT));
    if (bytes.remaining() < Integer.BYTES) {
      throw part.broken("has a charsmap of %d bytes", bytes.remaining());
    }
    long size = Integer.toUnsignedLong(bytes.getInt());
    if (size < Integer.BYTES || size % Integer.BYTES != 0 || size > bytes.remaining()) {
      throw part.broken("has a charsmap whose trie takes %d of %d bytes", size, bytes.remaining());
    }
    int[] units = new int[(int) size / Integer.BYTES];
    bytes.asIntBuffer().get(units);
    bytes.position(bytes.position() + (int) size);
    byte[] texts = new byte[bytes.remaining()];
    bytes.get(texts);
    TokenizerCharsmap map = new TokenizerCharsmap(part, units, texts);
    map.requireUtf8();
    map.walk();
    return Math.max(1, map.longest);
  }

  private static ByteBuffer bytes(TokenizerPart part, String base64) {
    try {
      byte[] bytes = Base64.getDecoder().decode(base64);
      // The library is stricter: what pads the last character has to be zero, and to be there.
      part.safe().put("precompiled_charsmap", Base64.getEncoder().encodeToString(bytes));
      return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IllegalArgumentException e) {
      throw part.broken("has a charsmap that is not base64");
    }
  }

  private void requireUtf8() {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(texts));
    } catch (CharacterCodingException e) {
      throw part.broken("has a charsmap whose replacements are not UTF-8");
    }
  }

  /** From the root on, every unit that any bytes of a text can lead to. */
  private void walk() {
    BitSet seen = new BitSet(units.length);
    Deque<Integer> open = new ArrayDeque<>();
    seen.set(0);
    open.add(0);
    while (!open.isEmpty()) {
      int at = open.remove();
      long children = at ^ offset(units[at]);
      for (int label = 1; label < 256; label++) {
        int child = within(children ^ label);
        if ((units[child] & 0x800000ff) != label) {
          continue;
        }
        if ((units[child] >> 8 & 1) == 1) {
          requireReplacement(units[within(child ^ offset(units[child]))] & Integer.MAX_VALUE);
        }
        if (!seen.get(child)) {
          seen.set(child);
          open.add(child);
        }
      }
    }
  }

  private static long offset(int unit) {
    return (long) (unit >>> 10) << ((unit & 1 << 9) >> 6);
  }

  private int within(long index) {
    if (index >= units.length) {
      throw part.broken("has a charsmap that leads to unit %d of %d", index, units.length);
    }
    return (int) index;
  }

  private void requireReplacement(int start) {
    boolean inside = start < texts.length && (texts[start] & 0xc0) != 0x80;
    int end = start;
    while (inside && end < texts.length && texts[end] != 0) {
      end++;
    }
    if (!inside || end - start > MAX_REPLACEMENT) {
      throw part.broken(
          "has a charsmap with a replacement at byte %d of %d, or one of more than %d bytes",
          start, texts.length, MAX_REPLACEMENT);
    }
    longest = Math.max(longest, end - start);
  }
}
