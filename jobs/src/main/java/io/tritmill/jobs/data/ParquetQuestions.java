package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/** A question a row of a Parquet file. */
final class ParquetQuestions implements QuestionReader {
  private static final int CONTEXT = 0;
  private static final int CHOICES = 1;
  private static final int ANSWER = 2;

  private final Path file;
  private final ParquetRecords records;
  private boolean wide;
  private long row;

  ParquetQuestions(Storage storage, Path file) {
    this.file = file;
    records = ParquetRecords.open(storage, file, this::choice);
  }

  private List<Type> choice(MessageType schema) {
    List<String> names = schema.getFields().stream().map(Type::getName).toList();
    List<Type> fields = new ArrayList<>();
    for (String column : Question.COLUMNS) {
      fields.add(schema.getType(Columns.choose(file, Optional.of(column), names)));
    }
    require(fields.get(CONTEXT), strings(fields.get(CONTEXT)), "strings");
    require(fields.get(CHOICES), list(fields.get(CHOICES)), "lists of strings");
    Type answer = fields.get(ANSWER);
    boolean integers =
        answer.isPrimitive()
            && !answer.isRepetition(Type.Repetition.REPEATED)
            && (name(answer) == PrimitiveTypeName.INT32 || name(answer) == PrimitiveTypeName.INT64);
    require(answer, integers, "integers");
    wide = name(answer) == PrimitiveTypeName.INT64;
    return fields;
  }

  private void require(Type field, boolean right, String expected) {
    if (!right) {
      throw BadInputException.broken(
          "%s: column %s has type %s, expected %s",
          file, field.getName(), ParquetColumn.said(field), expected);
    }
  }

  private static PrimitiveTypeName name(Type field) {
    return field.asPrimitiveType().getPrimitiveTypeName();
  }

  private static boolean strings(Type field) {
    return ParquetColumn.of(field).orElse(null) instanceof ParquetColumn.Strings;
  }

  /** Lists of three levels (list, element) and of two, as older writers make them. */
  private static boolean list(Type field) {
    if (field.isPrimitive() || field.isRepetition(Type.Repetition.REPEATED)) {
      return false;
    }
    GroupType list = field.asGroupType();
    if (list.getFieldCount() != 1 || !list.getType(0).isRepetition(Type.Repetition.REPEATED)) {
      return false;
    }
    Type repeated = list.getType(0);
    if (repeated.isPrimitive()) {
      return name(repeated) == PrimitiveTypeName.BINARY;
    }
    GroupType entry = repeated.asGroupType();
    return entry.getFieldCount() == 1 && strings(entry.getType(0));
  }

  @Override
  public Optional<Question> next() {
    return records.next(this::question);
  }

  private Question question(Group record) {
    return Question.of(
        QuestionReader.place(file, row++),
        value(record, CONTEXT, group -> text(group, CONTEXT, 0)),
        value(record, CHOICES, group -> choices(group.getGroup(CHOICES, 0))),
        value(
            record,
            ANSWER,
            group -> wide ? group.getLong(ANSWER, 0) : Long.valueOf(group.getInteger(ANSWER, 0))));
  }

  private static <T> T value(Group record, int field, Function<Group, T> reading) {
    return record.getFieldRepetitionCount(field) == 0 ? null : reading.apply(record);
  }

  private static List<String> choices(Group list) {
    List<String> choices = new ArrayList<>();
    boolean flat = list.getType().getType(0).isPrimitive();
    for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
      if (flat) {
        choices.add(text(list, 0, i));
        continue;
      }
      Group entry = list.getGroup(0, i);
      // A null is as empty as a text without a character, and is refused like one.
      choices.add(entry.getFieldRepetitionCount(0) == 0 ? "" : text(entry, 0, 0));
    }
    return choices;
  }

  private static String text(Group group, int field, int index) {
    return Utf8.decode(group.getBinary(field, index).getBytesUnsafe());
  }

  @Override
  public void close() {
    records.close();
  }
}
