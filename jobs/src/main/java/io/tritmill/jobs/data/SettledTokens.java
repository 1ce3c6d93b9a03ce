package io.tritmill.jobs.data;

import io.tritmill.jobs.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The first tokens of a text, for about the cost of the text that they are made of.
 *
 * <p>A beginning of the text is tokenized, long enough that many more tokens stand behind those
 * that are wanted, and some shorter beginnings too: where all agree on the wanted ones, the end of
 * a beginning does not reach so far back, and neither does what follows it. Where they do not, a
 * longer beginning is taken, and in the end the whole text.
 */
final class SettledTokens {
  /** Tokens at the end of a string that other text behind it could change. */
  private static final int UNSETTLED_TOKENS = 1024;

  private static final int CHARACTERS_PER_TOKEN = 4;
  private static final int GROWTH = 4;
  private static final int[] SHORTER = {1, 2, 3, 64};

  private SettledTokens() {}

  /** Characters that usually hold so many tokens, and those that could change them. */
  static int characters(long tokens) {
    long most = Integer.MAX_VALUE / CHARACTERS_PER_TOKEN - UNSETTLED_TOKENS;
    return (int) (Math.min(tokens, most) + UNSETTLED_TOKENS) * CHARACTERS_PER_TOKEN;
  }

  /** The next number of characters to try where so many were too few. */
  static int more(int characters) {
    return (int) Math.min((long) characters * GROWTH, Integer.MAX_VALUE);
  }

  /**
   * The first tokens of a text, or all where it has fewer.
   *
   * @return empty if the text is cut, and does not tell
   */
  static Optional<int[]> first(Tokenizer tokenizer, Document.Text document, long wanted) {
    String text = document.text();
    long most = characters(wanted);
    for (; most < text.length(); most *= GROWTH) {
      Optional<int[]> tokens = ofBeginning(tokenizer, text.substring(0, (int) most), wanted);
      if (tokens.isPresent()) {
        return tokens;
      }
    }
    return document.whole()
        ? Optional.of(cut(tokenizer.encode(text), wanted))
        : ofBeginning(tokenizer, text, wanted);
  }

  /** The first tokens of any text that begins so, or empty if they depend on what follows. */
  static Optional<int[]> ofBeginning(Tokenizer tokenizer, String beginning, long wanted) {
    int[] tokens = tokenizer.encode(shortened(beginning, 0));
    if (tokens.length < wanted + UNSETTLED_TOKENS) {
      return Optional.empty();
    }
    int[] first = cut(tokens, wanted);
    for (int fewer : SHORTER) {
      if (!Arrays.equals(first, cut(tokenizer.encode(shortened(beginning, fewer)), wanted))) {
        return Optional.empty();
      }
    }
    return Optional.of(first);
  }

  private static String shortened(String text, int fewer) {
    int end = Math.max(0, text.length() - fewer);
    boolean splits = end > 0 && Character.isHighSurrogate(text.charAt(end - 1));
    return text.substring(0, splits ? end - 1 : end);
  }

  private static int[] cut(int[] tokens, long wanted) {
    return tokens.length > wanted ? Arrays.copyOf(tokens, (int) wanted) : tokens;
  }
}
