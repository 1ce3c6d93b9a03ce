package io.tritmill.jobs.gguf.tokenizer;

import java.util.Set;
import java.util.TreeSet;

/**
 * One spelling for patterns that split a text alike: published tokenizers have the same few
 * patterns with letters escaped or not, and classes in one order or another.
 */
final class PatternSpelling {
  private static final String ENDINGS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String PLAIN_ENDINGS = "'s|'t|'re|'ve|'m|'ll|'d";
  private static final String META = "^$.|?*+()[]{}\\";

  private final String pattern;
  private final StringBuilder out = new StringBuilder();
  private int at;

  private PatternSpelling(String pattern) {
    this.pattern = pattern;
  }

  /** The pattern as it would be spelled here. */
  static String of(String pattern) {
    PatternSpelling spelling = new PatternSpelling(pattern);
    while (spelling.at < pattern.length()) {
      spelling.element();
    }
    return alike(spelling.out.toString());
  }

  /** What is said in several ways. */
  private static String alike(String pattern) {
    return pattern
        .replace("(?:'[Ss]|'[Tt]|'[Rr][Ee]|'[Vv][Ee]|'[Mm]|'[Ll][Ll]|'[Dd])", ENDINGS)
        .replace("(?i:'s|'t|'re|'ve|'m|'d|'ll)", ENDINGS)
        .replace("'(?i:[dmst]|ll|ve|re)", ENDINGS)
        .replace("'(?:[dmst]|ll|ve|re)", PLAIN_ENDINGS)
        // Spaces before a break go back to the last break, whether one or more are asked for.
        .replace("\\s*[\\n\\r]+", "\\s*[\\n\\r]")
        // What no alternative takes is a part of its own.
        .replaceFirst("\\\\s\\+\\(\\?!\\\\S\\)\\|\\\\s\\+$", "\\\\s+(?!\\\\S)");
  }

  private void element() {
    char c = pattern.charAt(at);
    if (c == '[') {
      characterClass();
    } else if (c == '\\') {
      out.append(escape(META));
    } else if ("?*+}".indexOf(c) >= 0 && at > 0) {
      quantifier(c);
    } else if (pattern.startsWith("{1}", at)) {
      at += 3;
    } else {
      out.append(visible(c));
      at++;
    }
  }

  /** Possessive ones find the same where nothing behind them can fail, as in all that are known. */
  private void quantifier(char c) {
    out.append(c);
    at++;
    boolean group = c == '?' && out.length() > 1 && out.charAt(out.length() - 2) == '(';
    if (!group && at < pattern.length() && pattern.charAt(at) == '+') {
      at++;
    }
  }

  /** An escape sequence, as short as it goes. */
  private String escape(String meta) {
    int begin = at;
    at = Math.min(at + 2, pattern.length());
    if (at - begin < 2) {
      return "\\";
    }
    char c = pattern.charAt(at - 1);
    if (c == 'p' || c == 'P') {
      int end = pattern.indexOf('}', at);
      if (at < pattern.length() && pattern.charAt(at) == '{' && end > 0) {
        at = end + 1;
      }
      return pattern.substring(begin, at);
    }
    boolean plain = !Character.isLetterOrDigit(c) && meta.indexOf(c) < 0;
    return plain ? visible(c) : pattern.substring(begin, at);
  }

  private static String visible(char c) {
    return switch (c) {
      case '\r' -> "\\r";
      case '\n' -> "\\n";
      case '\t' -> "\\t";
      default -> String.valueOf(c);
    };
  }

  /** A class with what is in it in order; one within another stays as it is. */
  private void characterClass() {
    int begin = at++;
    boolean not = at < pattern.length() && pattern.charAt(at) == '^';
    at += not ? 1 : 0;
    Set<String> items = new TreeSet<>();
    while (at < pattern.length() && pattern.charAt(at) != ']') {
      if (pattern.charAt(at) == '[' || pattern.startsWith("&&", at)) {
        verbatim(begin);
        return;
      }
      String item = item();
      if (at + 1 < pattern.length() && pattern.charAt(at) == '-' && pattern.charAt(at + 1) != ']') {
        at++;
        item = item + "-" + item();
      }
      items.add(item);
    }
    at++;
    boolean single = items.size() == 1 && !not && items.iterator().next().startsWith("\\p");
    String joined = String.join("", items);
    out.append(single ? joined : "[" + (not ? "^" : "") + joined + "]");
  }

  private String item() {
    char c = pattern.charAt(at);
    if (c == '\\') {
      return escape("\\[]^-&");
    }
    at++;
    return c == '-' || c == '&' ? "\\" + c : visible(c);
  }

  private void verbatim(int begin) {
    int depth = 0;
    at = begin;
    do {
      char c = pattern.charAt(at++);
      if (c == '\\' && at < pattern.length()) {
        at++;
      }
      depth += c == '[' ? 1 : c == ']' ? -1 : 0;
    } while (depth > 0 && at < pattern.length());
    out.append(pattern, begin, at);
  }
}
