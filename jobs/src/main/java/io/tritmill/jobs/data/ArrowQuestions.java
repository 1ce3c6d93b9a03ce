package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.hadoop.fs.Path;

/** A question a row of an Arrow IPC file. */
final class ArrowQuestions implements QuestionReader {
  private final ArrowRows rows;
  private final ArrowColumn context;
  private final ArrowTextLists choices;
  private final BaseIntVector answer;
  private long row;

  private ArrowQuestions(ArrowRows rows, List<FieldVector> columns, List<String> names) {
    this.rows = rows;
    FieldVector contexts = column(columns, names, "context");
    context =
        ArrowColumn.of(contexts, rows.dictionaries())
            .filter(ArrowColumn::holdsTexts)
            .orElseThrow(() -> wrong(contexts, "strings"));
    FieldVector lists = column(columns, names, "choices");
    choices =
        ArrowTextLists.of(lists, rows.dictionaries())
            .orElseThrow(() -> wrong(lists, "lists of strings"));
    FieldVector answers = column(columns, names, "answer");
    if (!(answers instanceof BaseIntVector integers)
        || answers.getField().getDictionary() != null) {
      throw wrong(answers, "integers");
    }
    answer = integers;
  }

  static ArrowQuestions open(Storage storage, Path file) {
    ArrowRows rows = ArrowRows.open(storage, file, remark -> {});
    try {
      return rows.read(() -> new ArrowQuestions(rows, rows.columns(), rows.names()));
    } catch (RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  private FieldVector column(List<FieldVector> columns, List<String> names, String name) {
    return columns.get(names.indexOf(Columns.choose(rows.path(), Optional.of(name), names)));
  }

  private BadInputException wrong(FieldVector column, String expected) {
    return BadInputException.broken(
        "%s: column %s has type %s, expected %s",
        rows.path(), column.getName(), column.getField().getType(), expected);
  }

  @Override
  public Optional<Question> next() {
    return rows.next(this::question);
  }

  private Question question(int at) {
    rows.require(context.rows());
    rows.require(choices.rows());
    rows.require(answer.getValueCount());
    String place = QuestionReader.place(rows.path(), row++);
    return Question.of(
        place,
        context.isNull(at) ? null : text(context.document(at)),
        choices.row(at),
        answer.isNull(at) ? null : answer.getValueAsLong(at));
  }

  @Override
  public void close() {
    rows.close();
  }

  private static String text(Document document) {
    return ((Document.Text) document).text();
  }
}
