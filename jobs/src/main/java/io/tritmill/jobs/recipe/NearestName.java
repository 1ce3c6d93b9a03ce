package io.tritmill.jobs.recipe;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The known name that someone may have meant. */
final class NearestName {
  private static final int LONGEST = 60;

  private NearestName() {}

  /** {@code ; did you mean 'x'?}, or nothing where no name is near. */
  static String question(String written, Collection<String> known) {
    return of(written, known).map("; did you mean '%s'?"::formatted).orElse("");
  }

  /** The nearest name by edit distance, if less than half of it would have to change. */
  static Optional<String> of(String written, Collection<String> known) {
    if (written.length() > LONGEST) {
      return Optional.empty();
    }
    return known.stream()
        .filter(name -> 2 * distance(written, name) < Math.max(written.length(), name.length()))
        .min(Comparator.comparingInt(name -> distance(written, name)));
  }

  /**
   * Insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
   */
  static int distance(String from, String to) {
    int[][] d = new int[from.length() + 1][to.length() + 1]; // of the prefixes of these lengths
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        boolean same = from.charAt(i - 1) == to.charAt(j - 1);
        d[i][j] =
            Math.min(d[i - 1][j - 1] + (same ? 0 : 1), Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        boolean swapped =
            i > 1
                && j > 1
                && from.charAt(i - 1) == to.charAt(j - 2)
                && from.charAt(i - 2) == to.charAt(j - 1);
        if (swapped) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[from.length()][to.length()];
  }
}
