package io.tritmill.jobs.failure;

import java.util.Locale;

/** Texts from files of strangers, made fit for a terminal, a log line or a message. */
public final class Printable {
  private static final int LIMIT = 120;

  private Printable() {}

  /**
   * The text with control, formatting and unpaired surrogate characters as hexadecimal escapes, cut
   * after 120 characters.
   */
  public static String of(String text) {
    return of(text, LIMIT);
  }

  /** The same, cut after {@code limit} characters. */
  public static String of(String text, int limit) {
    StringBuilder shown = new StringBuilder();
    int at = 0;
    while (at < text.length() && shown.length() < limit) {
      int character = text.codePointAt(at);
      if (harmless(character)) {
        shown.appendCodePoint(character);
      } else {
        shown.append(String.format(Locale.ROOT, "\\u%04x", character));
      }
      at += Character.charCount(character);
    }
    return at < text.length() ? shown + "..." : shown.toString();
  }

  private static boolean harmless(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
