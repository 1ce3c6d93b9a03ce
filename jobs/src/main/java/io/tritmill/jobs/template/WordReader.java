package io.tritmill.jobs.template;

import java.util.ArrayList;
import java.util.List;

/** Reads the words of a tag up to its end. */
final class WordReader {
  private static final List<String> LONG = List.of("==", "!=", "<=", ">=", "//", "**");
  private static final String SHORT = "+-*/%~|.,:()[]{}=<>";

  private final String source;
  private final String close;
  private final List<Token> words = new ArrayList<>();
  private int at;
  private int depth; // of brackets: a dictionary may end as a tag does
  private boolean strips;
  private boolean keeps;

  /**
   * @param at where the words begin
   * @param close what ends the tag
   */
  WordReader(String source, int at, String close) {
    this.source = source;
    this.at = at;
    this.close = close;
  }

  /** Behind the end of the tag. */
  int end() {
    return at;
  }

  /** Whether the tag says that spaces behind it are no text. */
  boolean strips() {
    return strips;
  }

  /** Whether the tag says that a line break behind it is text. */
  boolean keeps() {
    return keeps;
  }

  List<Token> read() {
    while (true) {
      while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
        at++;
      }
      if (at >= source.length()) {
        throw new TemplateException("a tag that does not end");
      }
      if (depth == 0 && ends()) {
        words.add(new Token(Token.Kind.END, ""));
        return words;
      }
      word();
    }
  }

  private boolean ends() {
    char first = source.charAt(at);
    int sign = first == '-' || first == '+' ? 1 : 0;
    if (!source.startsWith(close, at + sign)) {
      return false;
    }
    strips = first == '-';
    keeps = first == '+';
    at += sign + 2;
    return true;
  }

  private void word() {
    char first = source.charAt(at);
    if (first == '\'' || first == '"') {
      text(first);
    } else if (Character.isDigit(first)) {
      number();
    } else if (Character.isLetter(first) || first == '_') {
      int begin = at;
      while (at < source.length()
          && (Character.isLetterOrDigit(source.charAt(at)) || source.charAt(at) == '_')) {
        at++;
      }
      words.add(new Token(Token.Kind.NAME, source.substring(begin, at)));
    } else {
      operator(first);
    }
  }

  private void operator(char first) {
    String two = source.substring(at, Math.min(source.length(), at + 2));
    String operator = LONG.contains(two) ? two : String.valueOf(first);
    if (SHORT.indexOf(first) < 0 && !LONG.contains(operator)) {
      throw new TemplateException("the character %s", operator);
    }
    depth += "([{".indexOf(first) >= 0 ? 1 : ")]}".indexOf(first) >= 0 ? -1 : 0;
    at += operator.length();
    words.add(new Token(Token.Kind.OPERATOR, operator));
  }

  private void number() {
    int begin = at;
    boolean whole = true;
    while (at < source.length()) {
      char digit = source.charAt(at);
      boolean point =
          digit == '.'
              && whole
              && at + 1 < source.length()
              && Character.isDigit(source.charAt(at + 1));
      whole &= !point;
      if (!point && !Character.isDigit(digit)) {
        break;
      }
      at++;
    }
    words.add(
        new Token(whole ? Token.Kind.INTEGER : Token.Kind.FLOAT, source.substring(begin, at)));
  }

  private void text(char quote) {
    StringBuilder text = new StringBuilder();
    for (at++; ; at++) {
      if (at >= source.length()) {
        throw new TemplateException("a text that does not end");
      }
      char c = source.charAt(at);
      if (c == quote) {
        at++;
        break;
      }
      if (c == '\\' && at + 1 < source.length()) {
        escape(text, source.charAt(++at));
      } else {
        text.append(c);
      }
    }
    words.add(new Token(Token.Kind.TEXT, text.toString()));
  }

  private void escape(StringBuilder text, char c) {
    switch (c) {
      case 'n' -> text.append('\n');
      case 't' -> text.append('\t');
      case 'r' -> text.append('\r');
      case '\\', '\'', '"' -> text.append(c);
      case '\n' -> {}
      case 'x', 'u' -> {
        int digits = c == 'x' ? 2 : 4;
        try {
          text.append((char) Integer.parseInt(source, at + 1, at + 1 + digits, 16));
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
          throw new TemplateException("the escape \\%s without %s digits", c, digits);
        }
        at += digits;
      }
      default -> text.append('\\').append(c);
    }
  }
}
