package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The questions of a task: a file of Arrow, Parquet or JSON lines with the columns {@code context}
 * (strings), {@code choices} (lists of strings) and {@code answer} (integers, counted from 0).
 *
 * @param name the file's, without what its kind has put behind it
 * @param path where the file lies
 * @param questions those that are asked, at least one
 * @param rows questions in the whole file
 * @param fingerprint what names the data
 */
public record Questions(
    String name, Path path, List<Question> questions, int rows, String fingerprint) {
  /** What the texts of a task may hold; benchmarks have some millions of characters. */
  private static final long CHARACTERS = 1L << 28;

  public Questions {
    questions = List.copyOf(questions);
  }

  /**
   * Reads a file.
   *
   * @param limit questions to ask at most, the first of them
   * @throws BadInputException if it cannot be read, or a row is no question
   */
  public static Questions read(Storage storage, Path file, int limit) {
    if (storage.status(file).isDirectory()) {
      throw BadInputException.usage(
          "%s: is a folder, expected a file with the columns %s",
          file, String.join(", ", Question.COLUMNS));
    }
    List<Question> questions = new ArrayList<>();
    int rows = 0;
    long characters = 0;
    try (QuestionReader reader =
        QuestionReader.open(storage, file)
            .orElseThrow(
                () ->
                    BadInputException.broken(
                        "%s: is text, expected Arrow, Parquet or JSON lines with the columns %s",
                        file, String.join(", ", Question.COLUMNS)))) {
      for (Optional<Question> next = reader.next(); next.isPresent(); next = reader.next()) {
        rows++;
        if (questions.size() < limit) {
          questions.add(next.get());
          characters += characters(next.get());
        }
        if (characters > CHARACTERS) {
          throw BadInputException.usage(
              "%s: its first %d questions have more than %d characters; set a lower limit",
              file, rows, CHARACTERS);
        }
      }
    }
    if (rows == 0) {
      throw BadInputException.broken("%s: holds no question, expected one or more", file);
    }
    DataFiles files = DataFiles.find(storage, file, Documents.Selection.DEFAULT);
    return new Questions(name(file), file, questions, rows, files.digest(storage));
  }

  private static long characters(Question question) {
    return question.context().length()
        + question.choices().stream().mapToLong(String::length).sum();
  }

  private static String name(Path file) {
    String name = file.getName();
    if (name.toLowerCase(Locale.ROOT).endsWith(Gzip.ENDING)) {
      name = name.substring(0, name.length() - Gzip.ENDING.length());
    }
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
