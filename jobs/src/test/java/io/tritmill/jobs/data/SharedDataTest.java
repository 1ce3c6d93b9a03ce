package io.tritmill.jobs.data;

import static io.tritmill.jobs.data.DataFixture.STORAGE;
import static io.tritmill.jobs.data.DataFixture.open;
import static io.tritmill.jobs.data.DataFixture.shared;
import static io.tritmill.jobs.data.DataFixture.texts;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real files and reference ids that other programs made of them. */
@Tag("slow")
class SharedDataTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Tokenizer tokenizer(Path directory) {
    return Tokenizer.open(STORAGE, STORAGE.path(directory.toString()));
  }

  private static EvaluationSet read(
      String model, String data, Protocol protocol, int length, int limit) throws IOException {
    Path checkpoint = shared("models/" + model);
    JsonNode config = JSON.readTree(checkpoint.resolve("config.json").toFile());
    Sequencing sequencing =
        new Sequencing(
            protocol,
            length,
            limit,
            config.get("vocab_size").intValue(),
            config.get("bos_token_id").intValue());
    return sequencing.read(open(shared("data/" + data)), () -> tokenizer(checkpoint));
  }

  @Test
  void allFormsOfADataSetGiveTheSameDocuments() throws IOException {
    Path folder = shared("data/tinystories-a");
    List<String> lines = texts(open(folder.resolve("stories.jsonl")));
    assertEquals(1157, lines.size());
    assertEquals(
        JSON.readTree(Files.readAllLines(folder.resolve("stories.jsonl")).get(3))
            .get("text")
            .textValue(),
        lines.get(3));
    assertEquals(lines, texts(open(folder.resolve("hf-dataset"))));
    assertEquals(lines, texts(open(folder.resolve("tinystories-a.zstd.parquet"))));
    List<String> shard = texts(open(folder.resolve("hf-dataset/data-00001-of-00002.arrow")));
    assertEquals(lines.subList(lines.size() - shard.size(), lines.size()), shard);
  }

  @Test
  void fingerprintIsTheOneThatDatasetsWrote() {
    assertEquals("b4ca983049857d5b", open(shared("data/tinystories-a/hf-dataset")).fingerprint());
    assertEquals("8547bd748864a119", open(shared("data/demo-evaluation")).fingerprint());
  }

  @Test
  void storiesAreTheReferenceIds() throws IOException {
    EvaluationSet set =
        read(
            "stories260K",
            "tinystories-a/hf-dataset",
            Protocol.DOCUMENTS,
            1 << 20,
            Sequencing.NO_LIMIT);
    IntBuffer reference =
        ByteBuffer.wrap(Files.readAllBytes(shared("data/tinystories-a/stories260K.ids.i32")))
            .order(ByteOrder.LITTLE_ENDIAN)
            .asIntBuffer();
    int[] expected = new int[reference.remaining()];
    reference.get(expected);
    assertArrayEquals(expected, set.sequences().stream().flatMapToInt(Arrays::stream).toArray());
    assertEquals(1157, set.documents());
  }

  @ParameterizedTest
  @CsvSource({
    "demo-6m, demo-evaluation, DOCUMENTS, 256",
    "demo-6m, demo-evaluation, WINDOWS, 256",
    "demo-6m, news-reviews-evaluation, DOCUMENTS, 256",
    "demo-6m, news-reviews-evaluation, WINDOWS, 256",
    "demo-6m, wikitext2-valid-arrow, WINDOWS, 256"
  })
  void countsAndFirstIdsAreTheReference(String model, String data, Protocol protocol, int length)
      throws IOException {
    EvaluationSet set = read(model, data, protocol, length, Sequencing.NO_LIMIT);
    JsonNode reference =
        JSON.readTree(shared("models/" + model + "/reference.json").toFile())
            .get("datasets")
            .get(data);
    JsonNode expected = reference.get(protocol.key()).get("bf16");
    assertEquals(expected.get("sequences").intValue(), set.sequences().size());
    assertEquals(expected.get("predicted_tokens").longValue(), set.predictedTokens());
    assertEquals(reference.get("fingerprint").textValue(), set.fingerprint());
    assertEquals(reference.get("rows").longValue(), set.documents());
    JsonNode first = expected.get("first_sequence");
    assertArrayEquals(ids(first.get("ids_first16")), Arrays.copyOf(set.sequences().get(0), 16));
    assertEquals(first.get("predicted_tokens").intValue(), set.sequences().get(0).length - 1);
  }

  @Test
  void firstTwoHundredStoriesPredictTheReferenceNumberOfTokens() throws IOException {
    EvaluationSet set =
        read("stories260K", "tinystories-a/hf-dataset", Protocol.DOCUMENTS, 512, 200);
    assertEquals(200, set.documents());
    assertEquals(79447, set.predictedTokens());
  }

  @Test
  void limitedWindowsAreTheFirstOfAll() throws IOException {
    EvaluationSet all =
        read("demo-6m", "wikitext2-valid-arrow", Protocol.WINDOWS, 256, Sequencing.NO_LIMIT);
    EvaluationSet some = read("demo-6m", "wikitext2-valid-arrow", Protocol.WINDOWS, 256, 40);
    assertEquals(40, some.sequences().size());
    assertTrue(some.documents() < all.documents(), "read " + some.documents());
    for (int i = 0; i < 40; i++) {
      assertArrayEquals(all.sequences().get(i), some.sequences().get(i));
    }
  }

  @Test
  void specialTokensInTextsAreText() throws IOException {
    Path model = shared("models/stories260K");
    try (Tokenizer tokenizer = tokenizer(model)) {
      for (JsonNode entry : JSON.readTree(model.resolve("tokenizer_reference.json").toFile())) {
        int[] expected = ids(entry.get("ids_specials_as_text"));
        String text = entry.get("text").textValue();
        int[] found = tokenizer.encode(text);
        assertArrayEquals(Arrays.copyOfRange(expected, 1, expected.length), found, text);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "llama2, sentencepiece_ids",
    "gpt2, ids_no_special",
    "all-minilm-l6-v2, ids_no_special"
  })
  void realTokenizersGiveTheReferenceIds(String name, String key) throws IOException {
    Path directory = shared("data/tokenizers/" + name);
    try (Tokenizer tokenizer = tokenizer(directory)) {
      for (JsonNode entry : JSON.readTree(directory.resolve("reference.json").toFile())) {
        String text = entry.get("text").textValue();
        boolean spellsSpecial =
            Stream.of("<s>", "</s>", "<unk>", "<|endoftext|>", "[CLS]", "[SEP]", "[MASK]")
                .anyMatch(text::contains);
        if (!spellsSpecial) {
          assertArrayEquals(ids(entry.get(key)), tokenizer.encode(text), text);
        }
      }
    }
  }

  private static int[] ids(JsonNode list) {
    return IntStream.range(0, list.size()).map(i -> list.get(i).intValue()).toArray();
  }

  @ParameterizedTest
  @CsvSource({
    "arrow/1.0.0-littleendian__generated_dictionary.arrow_file, dict0, 17",
    "arrow/1.0.0-littleendian__generated_dictionary.stream, dict1, 17",
    "arrow/1.0.0-littleendian__generated_primitive.arrow_file, utf8_nullable, 37",
    "arrow/1.0.0-littleendian__generated_primitive.stream, utf8_nonnullable, 37",
    "arrow/1.0.0-littleendian__generated_primitive_no_batches.stream, utf8_nullable, 0",
    "arrow/1.0.0-littleendian__generated_primitive_zerolength.arrow_file, utf8_nullable, 0",
    "arrow/2.0.0-compression__generated_lz4.arrow_file, strs, 60",
    "arrow/2.0.0-compression__generated_lz4.stream, strs, 60",
    "arrow/2.0.0-compression__generated_zstd.arrow_file, strs, 60",
    "arrow/2.0.0-compression__generated_zstd.stream, strs, 60",
    "parquet/alltypes_dictionary.parquet, string_col, 2",
    "parquet/alltypes_plain.parquet, date_string_col, 8",
    "parquet/alltypes_plain.snappy.parquet, string_col, 2",
    "parquet/delta_byte_array.parquet, c_customer_id, 1000",
    "parquet/lz4_raw_compressed.parquet, c1, 4"
  })
  void columnsOfOtherWritersAreRead(String file, String column, int documents) {
    assertEquals(
        documents, texts(open(shared("data/formats/" + file), DataFixture.column(column))).size());
  }

  @Test
  void compressedColumnsHoldWhatTheirDescriptionSays() throws IOException {
    Path folder = shared("data/formats/arrow");
    for (String name :
        List.of("2.0.0-compression__generated_lz4", "2.0.0-compression__generated_zstd")) {
      List<String> expected = new ArrayList<>();
      try (InputStream in =
          new GZIPInputStream(Files.newInputStream(folder.resolve(name + ".json.gz")))) {
        for (JsonNode batch : JSON.readTree(in).get("batches")) {
          batch.get("columns").get(1).get("DATA").forEach(text -> expected.add(text.textValue()));
        }
      }
      assertEquals(
          expected, texts(open(folder.resolve(name + ".stream"), DataFixture.column("strs"))));
      assertEquals(
          expected, texts(open(folder.resolve(name + ".arrow_file"), DataFixture.column("strs"))));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"arrow", "parquet", "gguf", "safetensors"})
  void filesOfAnyContentAreReadOrRefusedInOneSentence(String folder) throws IOException {
    try (Stream<Path> files = Files.list(shared("data/formats/" + folder))) {
      for (Path file : files.sorted().toList()) {
        for (String column : columns(file)) {
          String outcome = outcome(file, column);
          assertFalse(outcome.isBlank() || outcome.contains("\n"), outcome);
        }
      }
    }
  }

  /** Every column that the file has by its own account, as far as it gives one. */
  private static List<String> columns(Path file) {
    String refusal = outcome(file, "no such column");
    int start = refusal.indexOf('[');
    int end = refusal.indexOf(']');
    return start < 0 || end < start
        ? List.of("text")
        : List.of(refusal.substring(start + 1, end).split(", "));
  }

  private static String outcome(Path file, String column) {
    try {
      return DataFixture.all(open(file, DataFixture.column(column))).size() + " documents";
    } catch (BadInputException e) {
      return e.getMessage();
    }
  }
}
