package io.tritmill.jobs.data;

import io.tritmill.jobs.storage.Storage;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/** Reads a file of questions, row by row. */
interface QuestionReader extends AutoCloseable {
  /** The next question, or empty after the last. */
  Optional<Question> next();

  @Override
  void close();

  /** Opens a file, which is of one of three kinds. */
  static Optional<QuestionReader> open(Storage storage, Path file) {
    return switch (FileKind.ofFile(storage, file)) {
      case ARROW -> Optional.of(ArrowQuestions.open(storage, file));
      case PARQUET -> Optional.of(new ParquetQuestions(storage, file));
      case JSON_LINES -> Optional.of(new JsonQuestions(storage, file));
      case TEXT -> Optional.empty();
    };
  }

  /** Where a row stands in a file that has no lines. */
  static String place(Path file, long row) {
    return "%s: row %d (counted from 0)".formatted(file, row);
  }
}
