package io.tritmill.jobs.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A pattern of a tokenizer.json that takes time in proportion to the text, whatever the text is.
 *
 * <p>The library's engine tries all ways to match; after ten million attempts it ends the process.
 * So a regular expression is taken apart here. An alternative is sound where nothing that must
 * match comes behind the first repetition without an end: it never goes back. Beyond that only
 * those alternatives of the well-known tokenizers are taken that go back over a run of spaces or
 * letters which the same match, or the alternative behind it, then consumes.
 */
final class TokenizerPattern {
  /** Longest run of letters or of spaces where no pattern goes back over one. */
  static final long ANY_RUN = Long.MAX_VALUE;

  /** Where one goes back once over each: the engine takes ten million steps at most. */
  static final long LONG_RUN = 4 << 20;

  /** Where one goes over it again from each character of it. */
  private static final long SHORT_RUN = 1024;

  /** Spaces at the end of a line, as of DeepSeek's first models: a pattern of its own. */
  private static final String ENDS = "\\s+$";

  private static final int MAX_LENGTH = 4096;

  /** Line ends and all but the last space; only as the end of a pattern, as GPT-4 and GPT-2. */
  private static final List<List<String>> SPACES =
      List.of(
          List.of("\\s*[\\r\\n]+", "\\s+(?!\\S)", "\\s+"),
          List.of("\\s*[\\r\\n]", "\\s+(?!\\S)", "\\s+"),
          List.of("\\s+(?!\\S)", "\\s+"));

  private static final String BEFORE_WORD = "[^\\r\\n\\p{L}\\p{N}]?";
  private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final Set<String> AFTER_WORD =
      Set.of("", "(?i:'s|'t|'re|'ve|'m|'ll|'d)?", "(?:'s|'t|'re|'ve|'m|'ll|'d)?");

  private final TokenizerPart part;
  private boolean goesBack;

  private TokenizerPattern(TokenizerPart part) {
    this.part = part;
  }

  /** Checks the field {@code pattern}; gives the longest run of letters or spaces it may get. */
  static long of(TokenizerPart part) {
    TokenizerPart pattern =
        TokenizerPart.of(part.file(), part.place() + ".pattern", part.fields().path("pattern"));
    JsonNode regex = pattern.fields().path("Regex");
    String text = pattern.text(regex.isMissingNode() ? "String" : "Regex", MAX_LENGTH);
    if (text.isEmpty()) {
      throw pattern.broken("is empty");
    }
    part.safe().set("pattern", pattern.safe());
    return regex.isMissingNode() ? ANY_RUN : new TokenizerPattern(pattern).check(text);
  }

  private long check(String regex) {
    if (regex.equals(ENDS)) {
      return SHORT_RUN;
    }
    List<String> open = new ArrayList<>(RegexAlternative.split(escaped(regex)));
    for (List<String> spaces : SPACES) {
      int from = open.size() - spaces.size();
      if (from >= 0 && open.subList(from, open.size()).equals(spaces)) {
        open.subList(from, open.size()).clear();
        goesBack = true;
        break;
      }
    }
    for (int i = 0; i + 1 < open.size(); i++) {
      if (isWords(open.get(i), open.get(i + 1))) {
        open.subList(i, i + 2).clear();
        goesBack = true;
        break;
      }
    }
    for (String text : open) {
      RegexAlternative alternative = RegexAlternative.parse(text);
      if (!alternative.sound() || goesBack && !alternative.needsNonSpace()) {
        throw part.unsupported(
            "has %s, which is none of those known to take time in proportion to the text",
            TokenizerPart.shown(part.fields().path("Regex")));
      }
    }
    return goesBack ? LONG_RUN : ANY_RUN;
  }

  /** With line ends as others write them, where they stand for themselves. */
  private static String escaped(String regex) {
    return regex.matches("(?s).*\\\\[\\r\\n].*")
        ? regex
        : regex.replace("\r", "\\r").replace("\n", "\\n");
  }

  /**
   * Words in camel case, as of GPT-4o, or of all letters but Han, as of Kimi: the first goes back
   * over capitals, the second takes them.
   */
  private static boolean isWords(String first, String second) {
    for (String but : List.of("", "&&[^\\p{Han}]")) {
      String upper = UPPER.replace("]", but + "]");
      String lower = LOWER.replace("]", but + "]");
      for (String after : AFTER_WORD) {
        if (first.equals(BEFORE_WORD + upper + "*" + lower + "+" + after)
            && second.equals(BEFORE_WORD + upper + "+" + lower + "*" + after)) {
          return true;
        }
      }
    }
    return false;
  }
}
