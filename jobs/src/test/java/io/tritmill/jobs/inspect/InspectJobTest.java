package io.tritmill.jobs.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InspectJobTest {
  private static final String ARROW = "data/formats/arrow/";

  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration(false));

  private Inspection inspect(Path path) {
    return InspectJob.inspect(storage, storage.path(path.toString()));
  }

  private static JsonNode json(Inspection inspection) throws IOException {
    return new ObjectMapper().readTree(inspection.json());
  }

  @Test
  void aCheckpointIsListedWithWhatItLacks() throws IOException {
    SafetensorsBuilder.writeLlama(folder, Sizes.TINY, true, DType.BF16, 2);
    JsonNode json = json(inspect(folder));
    assertEquals("checkpoint", json.get("format").asText());
    assertEquals("llama", json.get("model_type").asText());
    assertEquals("yes", json.get("usable").asText());
    assertEquals(20, json.get("tensors").size());
    assertEquals(20, json.get("dtypes").get("BF16").asInt());
    JsonNode tensor = json.get("tensors").get(0);
    assertEquals("model-00001-of-00002.safetensors", tensor.get("file").asText());
    assertTrue(tensor.get("shape").isArray());

    SafetensorsBuilder.writeJson(
        folder.resolve("config.json"), SafetensorsBuilder.llamaConfig(Sizes.TINY, false));
    assertTrue(json(inspect(folder)).get("usable").asText().contains("has no lm_head.weight"));
  }

  @Test
  void textAlignsColumnsAndEscapesNames() {
    Path file = folder.resolve("x.safetensors");
    new SafetensorsBuilder()
        .metadata("note", "line\nline")
        .random("short", DType.F32, List.of(2, 3))
        .random("longer\u202ename", DType.BF16, List.of(4))
        .write(file);
    String text = inspect(file).text();
    assertTrue(text.contains("note = line\\u000aline"), text);
    List<String> lines = text.lines().toList();
    int header = lines.indexOf(lines.stream().filter(l -> l.startsWith("name")).findFirst().get());
    assertEquals("short             F32    [2, 3]   24 B  x.safetensors", cut(lines, header + 1));
    assertEquals("longer\\u202ename  BF16   [4]       8 B  x.safetensors", cut(lines, header + 2));
  }

  @Test
  void textIsForPeople() {
    SafetensorsBuilder.writeLlama(folder, Sizes.TINY, true, DType.BF16, 2);

    String text = inspect(folder).text();

    assertTrue(text.contains("dtypes           BF16 x 20\n"), text);
    assertTrue(text.contains("\ntensors          20\n"), text);
    assertTrue(text.contains("KiB"), text);
    assertFalse(text.contains("_count"), text);
    assertFalse(text.contains("{"), text);
    assertEquals(text.stripTrailing(), text);
  }

  private static String cut(List<String> lines, int index) {
    String line = lines.get(index);
    return line.substring(0, line.indexOf("x.safetensors") + "x.safetensors".length());
  }

  @Test
  void aDatasetFolderIsListedByItsFiles() throws IOException {
    for (String split : List.of("train", "test")) {
      Path one = Files.createDirectory(folder.resolve(split));
      Files.write(one.resolve("data-0.arrow"), ArrowHeaderTest.write(true));
      SafetensorsBuilder.writeJson(
          one.resolve("state.json"),
          Map.of("_data_files", List.of(Map.of("filename", "data-0.arrow"))));
    }
    SafetensorsBuilder.writeJson(
        folder.resolve("dataset_dict.json"), Map.of("splits", List.of("train", "test")));
    JsonNode all = json(inspect(folder));
    assertEquals("dataset", all.get("format").asText());
    assertEquals(10, all.get("rows").asInt());
    assertEquals("test", all.get("files").get(1).get("split").asText());
    assertEquals("text", all.get("columns").get(1).get("name").asText());
    assertEquals(5, json(inspect(folder.resolve("train"))).get("rows").asInt());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"_data_files\":[{\"filename\":\"../secret.arrow\"}]}",
        "{\"_data_files\":[{\"filename\":\"/etc/passwd\"}]}",
        "{\"_data_files\":[{\"filename\":\"missing.arrow\"}]}",
        "{\"_data_files\":[]}",
        "{\"_data_files\":[3]}",
        "{\"_data_files\":\"a.arrow\"}",
        "{}",
        "["
      })
  void aDatasetNamesOnlyItsOwnFiles(String state) throws IOException {
    Files.write(folder.resolve("secret.arrow"), ArrowHeaderTest.write(true));
    Path dataset = Files.createDirectory(folder.resolve("d"));
    Files.writeString(dataset.resolve("state.json"), state);
    BadInputException refusal = assertThrows(BadInputException.class, () -> inspect(dataset));
    assertEquals(ExitCode.BROKEN_INPUT, refusal.exitCode());
    assertTrue(refusal.getMessage().contains("state.json: "), refusal.getMessage());
  }

  @Test
  void othersAreRefusedWithWhatCanBeRead() throws IOException {
    Path file = folder.resolve("notes.txt");
    Files.writeString(file, "hello");
    BadInputException refusal = assertThrows(BadInputException.class, () -> inspect(file));
    assertEquals(ExitCode.BROKEN_INPUT, refusal.exitCode());
    assertTrue(
        refusal
            .getMessage()
            .contains("begins with the bytes 68 65 6c 6c 6f, expected a safetensors, GGUF or"),
        refusal.getMessage());
    refusal = assertThrows(BadInputException.class, () -> inspect(folder));
    assertTrue(refusal.getMessage().contains("1 files, none of them known"), refusal.getMessage());
    refusal = assertThrows(BadInputException.class, () -> inspect(folder.resolve("nothing")));
    assertTrue(refusal.getMessage().contains("no such file"), refusal.getMessage());
    Path pickle = folder.resolve("model.bin");
    Files.writeString(pickle, "PK\3\4");
    refusal = assertThrows(BadInputException.class, () -> inspect(pickle));
    assertTrue(refusal.getMessage().contains("is a Python pickle"), refusal.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "models/demo-6m, checkpoint, usable, yes",
    "models/stories260K-f16-sharded, checkpoint, files, 3",
    "data/formats/safetensors/hadamards.safetensors, safetensors, tensors_count, 66",
    "data/formats/gguf/ggml-vocab-bert-bge.gguf, gguf, version, 3",
    "data/formats/gguf/ggml-vocab-gpt-2.gguf, gguf, tensors_count, 0",
    "data/formats/gguf/ggml-vocab-llama-spm.gguf, gguf, version, 3",
    "data/demo-evaluation, dataset, rows, 128",
    "data/tinystories-a/hf-dataset, dataset, rows, 1157"
  })
  void realFilesAreListed(String name, String format, String fact, String value)
      throws IOException {
    Path path = shared(name);
    Inspection inspection = inspect(path);
    JsonNode json = json(inspection);
    assertEquals(format, json.get("format").asText());
    assertEquals(value, json.get(fact).asText());
    assertFalse(inspection.text().isBlank());
  }

  @ParameterizedTest
  @CsvSource({
    "1.0.0-littleendian__generated_dictionary, ",
    "1.0.0-littleendian__generated_nested, ",
    "1.0.0-littleendian__generated_null, ",
    "1.0.0-littleendian__generated_primitive, ",
    "1.0.0-littleendian__generated_primitive_no_batches, ",
    "1.0.0-littleendian__generated_primitive_zerolength, ",
    "2.0.0-compression__generated_lz4, LZ4_FRAME",
    "2.0.0-compression__generated_zstd, ZSTD"
  })
  void arrowFilesAndStreamsTellTheSame(String name, String compression) throws IOException {
    JsonNode reference;
    try (InputStream in = Files.newInputStream(shared(ARROW + name + ".json.gz"));
        InputStream content = new GZIPInputStream(in)) {
      reference = new ObjectMapper().readTree(content);
    }
    long rows =
        reference.get("batches").valueStream().mapToLong(b -> b.get("count").asLong()).sum();
    ArrowHeader file = arrow(name + ".arrow_file");
    ArrowHeader stream = arrow(name + ".stream");
    assertFalse(file.stream());
    assertTrue(stream.stream());
    assertEquals(stream.columns(), file.columns());
    assertEquals(
        reference.get("schema").get("fields").findValuesAsText("name").stream()
            .filter(stream.columns()::containsKey)
            .toList(),
        List.copyOf(stream.columns().keySet()));
    assertEquals(rows, stream.rows());
    assertEquals(rows, file.rows());
    assertEquals(reference.get("batches").size(), stream.batches());
    assertEquals(stream.batches(), file.batches());
    assertEquals(compression, file.compression().orElse(null));
  }

  private ArrowHeader arrow(String name) {
    Path path = shared(ARROW + name);
    return ArrowHeader.read(storage, storage.path(path.toString()));
  }

  private static Path shared(String name) {
    Path path = Path.of(System.getProperty("tritmill.shared", ""), name);
    assumeTrue(Files.exists(path), "needs the shared files");
    return path;
  }
}
