package io.tritmill.jobs.data;

import java.util.Optional;

/** Documents one after another; holds a file open until it is closed. */
public interface DocumentReader extends AutoCloseable {
  /**
   * The next document, or empty at the end.
   *
   * @throws io.tritmill.jobs.failure.BadInputException if the file is broken here
   */
  Optional<Document> next();

  @Override
  void close();
}
