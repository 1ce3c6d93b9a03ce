package io.tritmill.jobs.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The normalizer of a tokenizer.json, of components that are known not to end the process.
 *
 * <p>Two things of a sound normalizer matter to what comes behind it: by how much it can make a
 * text longer, and whether it can make text vanish.
 */
final class TokenizerNormalizer {
  private static final int MAX_PARTS = 32;
  private static final int MAX_TEXT = 256;
  private static final int MAX_GROWTH = 128;

  private int parts;
  private int form = 1;
  private long growth = 1;
  private boolean replaces;
  private boolean removes;
  private boolean maps;

  /** Checks a component and all within it; gives what the library may get. */
  ObjectNode checked(TokenizerPart part) {
    if (++parts > MAX_PARTS) {
      throw part.unsupported("is one of more than %d components", MAX_PARTS);
    }
    String type = part.type();
    switch (type) {
      case "Sequence" -> {
        ArrayNode within = part.safe().putArray("normalizers");
        part.parts("normalizers").forEach(one -> within.add(checked(one)));
      }
      case "BertNormalizer" -> {
        part.flag("clean_text");
        part.flag("handle_chinese_chars");
        part.flag("strip_accents", false);
        part.flag("lowercase");
        removes = true;
        grow(part, 3);
      }
      case "Strip" -> {
        part.flag("strip_left");
        part.flag("strip_right");
        removes = true;
      }
      case "StripAccents", "Nmt" -> removes = true;
      case "NFC", "NFD", "Lowercase" -> form = Math.max(form, 3);
      case "NFKC", "NFKD" -> form = 18;
      case "ByteLevel" -> grow(part, 2);
      case "Prepend" -> {
        if (part.text("prepend", 16).isEmpty()) {
          throw part.broken("has prepend \"\", expected a character");
        }
      }
      case "Replace" -> replace(part);
      case "Precompiled" -> {
        grow(part, TokenizerCharsmap.check(part));
        maps = true;
      }
      default ->
          throw part.unsupported("is of type %s", TokenizerPart.shown(part.fields().get("type")));
    }
    return part.safe();
  }

  private void replace(TokenizerPart part) {
    TokenizerPattern.of(part);
    int length = part.text("content", MAX_TEXT).length();
    removes |= length == 0;
    replaces = true;
    grow(part, Math.max(1, length));
  }

  private void grow(TokenizerPart part, int factor) {
    growth *= factor;
    if (growth > MAX_GROWTH) {
      throw part.unsupported("makes a text more than %d times as long", MAX_GROWTH);
    }
  }

  /** By how much a text can become longer; forms of Unicode in a row do not expand it twice. */
  long growth() {
    return form * growth;
  }

  /** Whether letters, spaces and signs may become something else, so that words grow together. */
  boolean reshapes() {
    return replaces || removes || maps;
  }

  /** Whether nothing may be left of a text. */
  boolean mayErase(String text) {
    if (maps || replaces && removes) {
      return true;
    }
    return removes
        && text.codePoints().noneMatch(c -> Character.isLetterOrDigit(c) || c > ' ' && c < 0x7f);
  }
}
