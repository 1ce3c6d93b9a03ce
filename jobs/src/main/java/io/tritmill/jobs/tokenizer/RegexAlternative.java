package io.tritmill.jobs.tokenizer;

import java.util.ArrayList;
import java.util.List;

/**
 * One alternative of a regular expression, as far as its shape tells how it matches.
 *
 * @param sound whether it is made of parts that are known, matches no empty text and never goes
 *     back over more than a few characters
 * @param needsNonSpace whether it matches only where a character is no space
 */
record RegexAlternative(boolean sound, boolean needsNonSpace) {
  private static final RegexAlternative UNKNOWN = new RegexAlternative(false, false);

  /** The alternatives of an expression, as written. */
  static List<String> split(String regex) {
    List<String> alternatives = new ArrayList<>();
    int groups = 0;
    int sets = 0;
    int start = 0;
    for (int i = 0; i < regex.length(); i++) {
      switch (regex.charAt(i)) {
        case '\\' -> i++;
        case '[' -> sets++;
        case ']' -> sets = Math.max(0, sets - 1);
        case '(' -> groups += sets == 0 ? 1 : 0;
        case ')' -> groups -= sets == 0 ? 1 : 0;
        case '|' -> {
          if (groups == 0 && sets == 0) {
            alternatives.add(regex.substring(start, i));
            start = i + 1;
          }
        }
        default -> {}
      }
    }
    alternatives.add(regex.substring(start));
    return alternatives;
  }

  /** Takes an alternative apart. */
  static RegexAlternative parse(String text) {
    Reader reader = new Reader(text);
    try {
      return reader.alternative();
    } catch (IndexOutOfBoundsException e) {
      // Ends in the middle of a part.
      return UNKNOWN;
    }
  }

  /** Reads parts and their repetitions from left to right. */
  private static final class Reader {
    private static final int MAX_WAYS = 256;
    private static final int MAX_REPEAT = 64;
    private static final String KINDS = "sSdDwWrntfv";
    private static final String NON_SPACES =
        "\\d \\w \\S \\p{L} \\p{N} \\p{P} \\p{S} \\p{M} \\p{Han}";

    private final String text;
    private int at;
    private boolean endless;
    private boolean nonSpace;
    private boolean groupNonSpace;
    private int least;
    private long ways = 1;

    private Reader(String text) {
      this.text = text;
    }

    RegexAlternative alternative() {
      while (at < text.length()) {
        int start = at;
        boolean group = text.charAt(at) == '(';
        boolean look = text.startsWith("(?=", at) || text.startsWith("(?!", at);
        if (!(group ? group() : single())) {
          return UNKNOWN;
        }
        String one = text.substring(start, at);
        int from = look ? 0 : 1;
        long most = look ? 0 : 1;
        if (at < text.length() && "*+?{".indexOf(text.charAt(at)) >= 0) {
          long[] range = repetition();
          if (range.length == 0 || look || group && range[1] == Long.MAX_VALUE) {
            return UNKNOWN;
          }
          from = (int) range[0];
          most = range[1];
        }
        if (endless && (from > 0 || look)) {
          return UNKNOWN;
        }
        if (most == Long.MAX_VALUE) {
          endless = true;
        } else {
          ways *= most - from + 1;
        }
        least += from;
        nonSpace |= from > 0 && (group ? groupNonSpace : isNonSpace(one));
        if (ways > MAX_WAYS) {
          return UNKNOWN;
        }
      }
      return new RegexAlternative(least > 0, nonSpace);
    }

    /** A character, an escape or a set of characters. */
    private boolean single() {
      return switch (text.charAt(at)) {
        case '\\' -> escape();
        case '[' -> set();
        case '*', '+', '?', '{', '^', '$', ')', '|' -> false;
        default -> {
          at += Character.charCount(text.codePointAt(at));
          yield true;
        }
      };
    }

    private boolean escape() {
      char kind = text.charAt(at + 1);
      if (kind == 'p' || kind == 'P') {
        int end = text.indexOf('}', at);
        if (text.charAt(at + 2) != '{' || end < 0) {
          return false;
        }
        at = end + 1;
        return true;
      }
      at += 2;
      return KINDS.indexOf(kind) >= 0 || kind < 0x7f && !Character.isLetterOrDigit(kind);
    }

    private boolean set() {
      at++;
      if (text.charAt(at) == '^') {
        at++;
      }
      if (text.charAt(at) == ']') {
        return false;
      }
      while (text.charAt(at) != ']') {
        switch (text.charAt(at)) {
          case '[' -> {
            return false;
          }
          case '\\' -> {
            if (!escape()) {
              return false;
            }
          }
          default -> at++;
        }
      }
      at++;
      return true;
    }

    /** A group of alternatives without endless repetitions, or a look at what comes next. */
    private boolean group() {
      String open = "";
      for (String one : List.of("(?i:", "(?:", "(?=", "(?!", "(")) {
        if (text.startsWith(one, at)) {
          open = one;
          break;
        }
      }
      int end = closing();
      if (end < 0 || open.equals("(") && text.charAt(at + 1) == '?') {
        return false;
      }
      List<String> within = split(text.substring(at + open.length(), end));
      groupNonSpace = true;
      for (String one : within) {
        Reader reader = new Reader(one);
        RegexAlternative alternative = reader.alternative();
        if (!alternative.sound() || reader.endless) {
          return false;
        }
        groupNonSpace &= alternative.needsNonSpace();
        ways *= reader.ways;
      }
      ways *= within.size();
      at = end + 1;
      return ways <= MAX_WAYS;
    }

    private int closing() {
      int groups = 0;
      int sets = 0;
      for (int i = at; i < text.length(); i++) {
        switch (text.charAt(i)) {
          case '\\' -> i++;
          case '[' -> sets++;
          case ']' -> sets = Math.max(0, sets - 1);
          case '(' -> groups += sets == 0 ? 1 : 0;
          case ')' -> groups -= sets == 0 ? 1 : 0;
          default -> {}
        }
        if (groups == 0) {
          return i;
        }
      }
      return -1;
    }

    /** From and to, or nothing where it is not known. */
    private long[] repetition() {
      long[] range =
          switch (text.charAt(at)) {
            case '*' -> new long[] {0, Long.MAX_VALUE};
            case '+' -> new long[] {1, Long.MAX_VALUE};
            case '?' -> new long[] {0, 1};
            default -> counted();
          };
      at++;
      // Lazy, possessive or once more: another meaning, and none of them is needed.
      boolean again = at < text.length() && "*+?{".indexOf(text.charAt(at)) >= 0;
      return again ? new long[0] : range;
    }

    private long[] counted() {
      int end = text.indexOf('}', at);
      String[] counts = end < 0 ? new String[0] : text.substring(at + 1, end).split(",", -1);
      if (counts.length == 0 || counts.length > 2 || !counts[0].matches("[0-9]{1,3}")) {
        return new long[0];
      }
      int least = Integer.parseInt(counts[0]);
      long most = least;
      if (counts.length == 2) {
        if (!counts[1].matches("[0-9]{0,3}")) {
          return new long[0];
        }
        most = counts[1].isEmpty() ? Long.MAX_VALUE : Integer.parseInt(counts[1]);
      }
      at = end;
      boolean few = least <= MAX_REPEAT && (most <= MAX_REPEAT || most == Long.MAX_VALUE);
      return few && least <= most ? new long[] {least, most} : new long[0];
    }

    private static boolean isNonSpace(String one) {
      if (one.startsWith("[^")) {
        return one.contains("\\s");
      }
      if (one.startsWith("[")) {
        String within = one.substring(1, one.length() - 1);
        for (String kind : NON_SPACES.split(" ")) {
          within = within.replace(kind, "");
        }
        // What is left are characters, ranges of them and escaped signs.
        return within.codePoints().noneMatch(c -> c <= ' ' || c > 0x7e)
            && !within.matches(".*\\\\[a-zA-Z].*");
      }
      if (one.startsWith("\\")) {
        return List.of(NON_SPACES.split(" ")).contains(one)
            || !Character.isLetterOrDigit(one.charAt(1));
      }
      return !one.equals(".")
          && !Character.isWhitespace(one.codePointAt(0))
          && !one.equals("\u0085")
          && !Character.isSpaceChar(one.codePointAt(0));
    }
  }
}
