package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/** Chooses the column of a file that holds the documents. */
final class Columns {
  /** The default column of token ids. */
  static final String IDS = "input_ids";

  private static final List<String> DEFAULTS = List.of("text", IDS);
  private static final int LISTED = 20;

  private Columns() {}

  /**
   * The column that the user wants, or the first default that is there.
   *
   * @param place what messages say of where the names stand
   * @throws BadInputException if it is not among the names, which the message lists
   */
  static String choose(Object place, Optional<String> wanted, Collection<String> names) {
    List<String> candidates = candidates(wanted);
    String chosen =
        candidates.stream()
            .filter(names::contains)
            .findFirst()
            .orElseThrow(
                () ->
                    BadInputException.broken(
                        "%s: has no column %s; its columns are %s",
                        place, String.join(" or ", candidates), listed(names)));
    for (String name : List.of(chosen, AttentionMask.of(chosen))) {
      if (Collections.frequency(names, name) > 1) {
        throw BadInputException.broken("%s: %s", place, twice(name));
      }
    }
    return chosen;
  }

  /** The columns that hold documents, in the order in which they are looked for. */
  static List<String> candidates(Optional<String> wanted) {
    return wanted.map(List::of).orElse(DEFAULTS);
  }

  /** Says that two columns have one name: which of them was meant cannot be known. */
  static String twice(String column) {
    return "has two columns %s; rename one".formatted(column);
  }

  private static String listed(Collection<String> names) {
    List<String> first =
        names.stream().limit(LISTED).map(name -> name.replaceAll("\\p{Cntrl}", "?")).toList();
    return names.size() > LISTED
        ? first + " and %d more".formatted(names.size() - LISTED)
        : first.toString();
  }

  /** Says that a column cannot be read as documents. */
  static BadInputException wrongType(Path file, String column, Object type) {
    return BadInputException.broken(
        "%s: column %s has type %s, expected strings or lists of integers", file, column, type);
  }

  /** Says that what should mask a column is no mask. */
  static BadInputException noMask(Path file, String column, Object type) {
    return BadInputException.broken(
        "%s: column %s has type %s, expected lists of 0 and 1", file, column, type);
  }
}
