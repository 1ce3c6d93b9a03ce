package io.tritmill.jobs.spark;

import io.tritmill.jobs.failure.BadInputException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/** Tells what a failed Spark job or file operation means for the user. */
public final class Failures {
  private Failures() {}

  /**
   * The bad input that made a job fail, a sentence about a file system that refused, or the failure
   * itself.
   */
  static RuntimeException ofJob(Throwable failure) {
    BadInputException badInput = badInput(failure).orElseGet(() -> ofStorage(failure));
    if (badInput != null) {
      return badInput;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException known) {
      return known;
    }
    // A mistake of ours, whose own words help whoever reads the trace.
    String first =
        String.valueOf(failure.getMessage()).lines().findFirst().orElse("no reason given");
    return new IllegalStateException("A Spark job failed: " + first, failure);
  }

  /**
   * A sentence about a full disk, a missing right or another refusal that a second try would meet
   * again; null when the failure is none of these.
   */
  public static BadInputException ofStorage(Throwable failure) {
    return found(failure, Cause.REFUSALS).orElse(null);
  }

  /**
   * The sentence about whatever ended a command: bad input, or surroundings that do not suit it.
   * Empty when it is a mistake of our own.
   */
  public static Optional<BadInputException> sentence(Throwable failure) {
    return badInput(failure)
        .or(() -> found(failure, Cause.REFUSALS))
        .or(() -> found(failure, Cause.SURROUNDINGS))
        .or(() -> found(failure, Cause.OTHERS));
  }

  private static Optional<BadInputException> badInput(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BadInputException badInput) {
        return Optional.of(badInput);
      }
    }
    return Optional.ofNullable(ExecutorWatch.of(failure));
  }

  /** The outermost cause that a row fits, with the place that the storage named on the way. */
  private static Optional<BadInputException> found(Throwable failure, List<Cause> rows) {
    String place = "";
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UncheckedIOException named
          && !String.valueOf(named.getCause()).equals(named.getMessage())) {
        place = named.getMessage();
      }
      for (Cause row : rows) {
        if (row.fits().test(cause)) {
          return Optional.of(row.sentence(place, cause, failure));
        }
      }
    }
    return Optional.empty();
  }
}
