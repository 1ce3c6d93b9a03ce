package io.tritmill.jobs.data;

import static io.tritmill.jobs.data.DataFixture.STORAGE;
import static io.tritmill.jobs.data.DataFixture.assertRefused;
import static io.tritmill.jobs.data.DataFixture.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.tritmill.jobs.failure.ExitCode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.impl.UnionListWriter;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Questions of a task, in files of three kinds. */
class QuestionsTest {
  private static final int ALL = Integer.MAX_VALUE;
  private static final List<Question> TWO =
      List.of(
          new Question("The sky is", List.of("blue", "gr\u00fcn \ud83d\ude00"), 0),
          new Question("", List.of("no", "yes", "perhaps"), 1));

  @TempDir private Path folder;

  private static Questions read(Path file, int limit) {
    return Questions.read(STORAGE, STORAGE.path(file.toString()), limit);
  }

  private Path lines(String... lines) throws IOException {
    return write(folder.resolve("quiz.jsonl"), String.join("\n", lines));
  }

  private static String line(Question question) {
    return "{\"context\":\"%s\",\"choices\":[\"%s\"],\"answer\":%d,\"more\":{}}"
        .formatted(question.context(), String.join("\",\"", question.choices()), question.answer());
  }

  @Test
  void jsonLines() throws IOException {
    Questions read = read(lines(line(TWO.get(0)), "", line(TWO.get(1))), ALL);
    assertEquals(TWO, read.questions());
    assertEquals("quiz", read.name());
    assertEquals(2, read.rows());
  }

  @Test
  void jsonLinesInGzip() throws IOException {
    Path file = folder.resolve("quiz.v2.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(line(TWO.get(0)).getBytes(StandardCharsets.UTF_8));
    }
    Questions read = read(file, ALL);
    assertEquals(TWO.subList(0, 1), read.questions());
    assertEquals("quiz.v2", read.name());
  }

  @Test
  void aLimitTakesTheFirstOfAll() throws IOException {
    Path file = lines(line(TWO.get(0)), line(TWO.get(1)));
    assertEquals(TWO.subList(0, 1), read(file, 1).questions());
    assertEquals(2, read(file, 1).rows());
    String before = read(file, 1).fingerprint();
    assertNotEquals(before, read(lines(line(TWO.get(0))), 1).fingerprint());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "optional binary context (STRING); optional group choices (LIST) { repeated group list {"
            + " optional binary element (STRING); } } optional int64 answer;",
        "required int32 answer; required group choices (LIST) { repeated binary array (STRING); }"
            + " required binary context (STRING);"
      })
  void parquet(String columns) throws IOException {
    MessageType schema = MessageTypeParser.parseMessageType("message m { " + columns + " }");
    Path file = folder.resolve("quiz.parquet");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file)).withType(schema).build()) {
      for (Question question : TWO) {
        writer.write(row(schema, question));
      }
    }
    assertEquals(TWO, read(file, ALL).questions());
  }

  private static Group row(MessageType schema, Question question) {
    Group row = new SimpleGroup(schema).append("context", question.context());
    Group list = row.addGroup("choices");
    GroupType lists = schema.getType("choices").asGroupType();
    for (String choice : question.choices()) {
      if (lists.getType(0).isPrimitive()) {
        list.add(0, choice);
      } else {
        list.addGroup(0).add(0, choice);
      }
    }
    switch (schema.getType("answer").asPrimitiveType().getPrimitiveTypeName()) {
      case INT64 -> row.add("answer", (long) question.answer());
      default -> row.add("answer", question.answer());
    }
    return row;
  }

  @Test
  void parquetWithoutAnAnswer() throws IOException {
    MessageType schema =
        MessageTypeParser.parseMessageType(
            "message m { optional binary context (STRING); optional group choices (LIST) { repeated"
                + " group list { optional binary element (STRING); } } optional int32 answer; }");
    Path file = folder.resolve("quiz.parquet");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file)).withType(schema).build()) {
      writer.write(row(schema, TWO.get(0)));
      Group row = new SimpleGroup(schema).append("context", "Grass is");
      Group choices = row.addGroup("choices");
      choices.addGroup(0).add(0, "green");
      choices.addGroup(0).add(0, "red");
      writer.write(row);
    }
    assertRefused(
        ExitCode.BROKEN_INPUT,
        () -> read(file, ALL),
        "quiz.parquet: row 1 (counted from 0): answer is null, expected the number of a choice, 0"
            + " to 1");
  }

  private Path arrow(List<Question> questions, boolean lists) throws IOException {
    Path file = folder.resolve("quiz.arrow");
    try (BufferAllocator allocator = new RootAllocator();
        VarCharVector context = new VarCharVector("context", allocator);
        VarCharVector words = new VarCharVector("choices", allocator);
        ListVector choices = ListVector.empty("choices", allocator);
        BigIntVector answer = new BigIntVector("answer", allocator)) {
      UnionListWriter writer = choices.getWriter();
      for (int row = 0; row < questions.size(); row++) {
        Question question = questions.get(row);
        context.setSafe(row, question.context().getBytes(StandardCharsets.UTF_8));
        words.setSafe(row, new byte[] {'a'});
        answer.setSafe(row, question.answer());
        writer.setPosition(row);
        writer.startList();
        question.choices().forEach(writer::writeVarChar);
        writer.endList();
      }
      VectorSchemaRoot root = VectorSchemaRoot.of(answer, context, lists ? choices : words);
      root.setRowCount(questions.size());
      try (OutputStream out = Files.newOutputStream(file);
          ArrowStreamWriter stream = new ArrowStreamWriter(root, null, out)) {
        stream.writeBatch();
      }
    }
    return file;
  }

  @Test
  void arrow() throws IOException {
    assertEquals(TWO, read(arrow(TWO, true), ALL).questions());
  }

  @Test
  void arrowOfAnotherType() throws IOException {
    Path file = arrow(TWO, false);
    assertRefused(
        ExitCode.BROKEN_INPUT,
        () -> read(file, ALL),
        "quiz.arrow: column choices has type Utf8, expected lists of strings");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'context':'a','choices':['b','c']} | has no column answer; its columns are [context,"
            + " choices]",
        "{'context':'a','choices':['b','c'],'answer':2} | answer is 2, expected the number of a"
            + " choice, 0 to 1",
        "{'context':'a','choices':['b','c'],'answer':-1} | answer is -1",
        "{'context':'a','choices':['b','c'],'answer':null} | answer is null",
        "{'context':'a','choices':['b','c'],'answer':'b'} | answer is a string, expected an integer",
        "{'context':'a','choices':[],'answer':0} | choices holds 0 texts, expected 2 to 1000",
        "{'context':'a','choices':['b'],'answer':0} | choices holds 1 texts, expected 2 to 1000",
        "{'context':'a','choices':['b',''],'answer':0} | choice 1 (counted from 0) is empty",
        "{'context':'a','choices':['b',3],'answer':0} | choices is a list that holds 3, expected a"
            + " list of strings",
        "{'context':'a','choices':'b','answer':0} | choices is a string, expected a list of strings",
        "{'context':7,'choices':['b','c'],'answer':0} | context is a number, expected a string",
        "{'context':null,'choices':['b','c'],'answer':0} | context is null, expected a text",
        "{'context':'a','choices':['b','\\ud83d'],'answer':0} | choices is no Unicode",
        "{'context':'a','context':'a','choices':['b','c'],'answer':0} | context is there twice",
        "[1] | is no JSON object"
      })
  void whatIsNoQuestionIsRefusedByItsLine(String line, String expected) throws IOException {
    Path file = lines(line(TWO.get(0)), line.replace('\'', '"'));
    assertRefused(ExitCode.BROKEN_INPUT, () -> read(file, ALL), "quiz.jsonl:2: " + expected);
  }

  @Test
  void whatHoldsNoQuestionIsRefused() throws IOException {
    Path empty = lines("", "");
    assertRefused(ExitCode.BROKEN_INPUT, () -> read(empty, ALL), "holds no question");
    Path text = write(folder.resolve("quiz.txt"), "What?");
    assertRefused(ExitCode.BROKEN_INPUT, () -> read(text, ALL), "is text, expected Arrow");
    assertRefused(ExitCode.USAGE, () -> read(folder, ALL), "is a folder, expected a file");
  }
}
