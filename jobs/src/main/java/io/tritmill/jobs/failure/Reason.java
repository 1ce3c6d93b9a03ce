package io.tritmill.jobs.failure;

import java.io.EOFException;
import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.util.NoSuchElementException;
import java.util.regex.Pattern;

/**
 * What made a library stumble, as words that a user can do something with: its own where it speaks
 * to people, ours where it speaks of its code.
 */
public final class Reason {
  private static final int LIMIT = 500;
  private static final String MISSING = "a part that must be there is missing";

  /** {@code org.apache.hadoop.fs.ChecksumException}, with the colon that follows such a name. */
  private static final Pattern CLASS =
      Pattern.compile("\\b(?:[a-z][a-z0-9_]*\\.)+[A-Z][A-Za-z0-9_$]*(?:: ?)?");

  /** A pointer to the web pages of a library. */
  private static final Pattern WIKI = Pattern.compile("[;.]? *For more details see: .*");

  /** Sentences of the JVM about code that was surprised. */
  private static final Pattern CODE =
      Pattern.compile("Cannot (?:invoke|read|load|store|assign|throw|enter)\\b.*\\bis null.*");

  private Reason() {}

  /** Why it failed, in one line without names of classes. */
  public static String of(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String known = ofCode(cause);
      if (known != null) {
        return known;
      }
    }
    return ofMessage(failure);
  }

  /** Of what the JVM throws at code that was surprised, whatever a library puts round it. */
  private static String ofCode(Throwable failure) {
    return switch (failure) {
      case EOFException _, BufferUnderflowException _ -> "it ends early";
      case NullPointerException _ -> MISSING;
      case ClassCastException _ -> "a part is of another kind than it must be";
      case IndexOutOfBoundsException _,
          NegativeArraySizeException _,
          BufferOverflowException _,
          ArithmeticException _,
          NoSuchElementException _ ->
          "its parts contradict each other";
      case StackOverflowError _ -> "its parts are nested too deeply";
      case OutOfMemoryError _ -> "more memory is asked for than there is";
      default -> null;
    };
  }

  private static String ofMessage(Throwable failure) {
    String message = failure.getMessage();
    if (message == null || message.isBlank()) {
      return failure.getCause() == null || failure.getCause() == failure
          ? "no reason given"
          : of(failure.getCause());
    }
    String first = message.strip().lines().findFirst().orElse("");
    if (CODE.matcher(first).find()) {
      return MISSING;
    }
    String words = WIKI.matcher(CLASS.matcher(first).replaceAll("")).replaceAll("").strip();
    if (words.isEmpty()) {
      return failure.getCause() == null || failure.getCause() == failure
          ? "no reason given"
          : of(failure.getCause());
    }
    return Printable.of(words, LIMIT);
  }
}
