package io.tritmill.jobs.data;

import io.tritmill.jobs.storage.Storage;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/** A question a line. */
final class JsonQuestions implements QuestionReader {
  private final JsonLines lines;

  JsonQuestions(Storage storage, Path file) {
    lines = JsonLines.open(storage, file);
  }

  @Override
  public Optional<Question> next() {
    return lines.next(Question.COLUMNS, this::question);
  }

  private Question question(JsonRow row) {
    for (String column : Question.COLUMNS) {
      Columns.choose(lines.place(), Optional.of(column), row.names());
    }
    return Question.of(
        lines.place(), context(row), choices(row), answer(row.columns().get("answer")));
  }

  private static String context(JsonRow row) {
    return switch (row.columns().get("context")) {
      case JsonRow.Value.Text text -> Utf8.requireUnicode(text.text(), "context");
      case JsonRow.Value.Null none -> null;
      case JsonRow.Value other -> throw wrong("context", other, "a string");
    };
  }

  private static List<String> choices(JsonRow row) {
    return switch (row.columns().get("choices")) {
      case JsonRow.Value.Texts texts -> {
        texts.values().forEach(text -> Utf8.requireUnicode(text, "choices"));
        yield texts.values();
      }
      case JsonRow.Value.Integers none when none.values().length == 0 -> List.of();
      case JsonRow.Value.Null none -> null;
      case JsonRow.Value other -> throw wrong("choices", other, "a list of strings");
    };
  }

  private static Long answer(JsonRow.Value value) {
    return switch (value) {
      case JsonRow.Value.Whole number -> number.value();
      case JsonRow.Value.Null none -> null;
      case JsonRow.Value other -> throw wrong("answer", other, "an integer");
    };
  }

  private static IllegalArgumentException wrong(
      String column, JsonRow.Value value, String expected) {
    String found =
        switch (value) {
          case JsonRow.Value.Text text -> "is a string";
          case JsonRow.Value.Texts texts -> "is a list of strings";
          case JsonRow.Value.Integers integers -> "is a list of integers";
          case JsonRow.Value.Whole number -> "is a number";
          case JsonRow.Value.OtherList list -> "is a list that holds " + list.element();
          case JsonRow.Value.Other other -> "is of type " + other.type();
          case JsonRow.Value.Null none -> "is null";
          case JsonRow.Value.Twice twice -> "is there twice";
        };
    return new IllegalArgumentException("%s %s, expected %s".formatted(column, found, expected));
  }

  @Override
  public void close() {
    lines.close();
  }
}
