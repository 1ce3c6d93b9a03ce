package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.hadoop.fs.Path;

/**
 * A file of a stranger in the hands of a library: whatever the library stumbles over is the file's
 * fault, and is said in one sentence.
 *
 * @param path where it lies
 * @param kind what it should be
 */
record ForeignFile(Path path, FileKind kind) {
  /** Work on the file. */
  interface Step<T> {
    T take() throws IOException;
  }

  /** Takes a step that reads the file. */
  <T> T read(Step<T> step) {
    try {
      return step.take();
    } catch (BadInputException | UncheckedIOException e) {
      throw e;
    } catch (OutOfMemoryException | OutOfMemoryError e) {
      // Lengths inside the file make libraries ask for memory at once, which leaves the rest
      // usable.
      throw BadInputException.broken(
          "%s: needs more memory at once than there is (%s); is it complete? If so, write it in"
              + " smaller batches or run with a larger heap",
          path, Reason.of(e));
    } catch (IOException | RuntimeException | StackOverflowError e) {
      // Libraries follow what is nested in a file by calling themselves; where that ends, the stack
      // is free again.
      throw BadInputException.broken(
          "%s: is no readable %s file (%s); is it complete?", path, kind.label(), Reason.of(e));
    }
  }

  /**
   * Makes something of a row.
   *
   * @param row number of the row in the file, counted from 0
   */
  <T> T row(long row, Supplier<T> step) {
    try {
      return step.get();
    } catch (BadInputException e) {
      throw e;
    } catch (RuntimeException e) {
      throw BadInputException.broken(
          "%s: row %d (counted from 0) cannot be read (%s); is the file damaged?",
          path, row, Reason.of(e));
    }
  }
}
