package io.tritmill.jobs.spark;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import org.apache.hadoop.security.AccessControlException;

/** Tells what a failed Spark job or file operation means for the user. */
public final class Failures {
  private Failures() {}

  /**
   * The bad input that made a job fail, a sentence about a file system that refused, or the failure
   * itself.
   */
  static RuntimeException ofJob(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BadInputException badInput) {
        return badInput;
      }
    }
    BadInputException alone = ExecutorWatch.of(failure);
    if (alone != null) {
      return alone;
    }
    BadInputException refused = ofStorage(failure);
    if (refused != null) {
      return refused;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException known) {
      return known;
    }
    return new IllegalStateException("A Spark job failed: " + firstLine(failure), failure);
  }

  /**
   * A sentence about a full disk, a missing right or another failure of a file system; null when
   * the failure is none of these.
   */
  public static BadInputException ofStorage(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof FileNotFoundException
          || cause instanceof AccessDeniedException
          || cause instanceof AccessControlException) {
        return new BadInputException(
            ExitCode.CONFLICT,
            "%s: cannot be opened or written; check that it exists and that this user may write there"
                .formatted(firstLine(cause)),
            failure);
      }
      if (cause instanceof IOException && isFull(cause)) {
        return new BadInputException(
            ExitCode.CONFLICT,
            "%s: free some room and run the same command again, finished layers are kept"
                .formatted(firstLine(cause)),
            failure);
      }
      if (cause instanceof IOException && isDenied(cause)) {
        return new BadInputException(
            ExitCode.CONFLICT,
            "%s: cannot be written; choose an output directory that this user may write to"
                .formatted(firstLine(cause)),
            failure);
      }
    }
    return null;
  }

  private static boolean isFull(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    return message.contains("No space left on device")
        || message.contains("DSQuotaExceeded")
        || message.contains("Disk quota exceeded");
  }

  private static boolean isDenied(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    return message.contains("Permission denied")
        || message.contains("Read-only file system")
        || message.contains("Mkdirs failed")
        || message.contains("Not a directory")
        || message.contains("Parent path is not a directory");
  }

  private static String firstLine(Throwable cause) {
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse(cause.toString());
  }
}
