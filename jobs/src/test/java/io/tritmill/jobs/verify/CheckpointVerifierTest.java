package io.tritmill.jobs.verify;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exported folders and GGUF files, sound and spoiled. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class CheckpointVerifierTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final String KEY = "model.layers.0.self_attn.k_proj";

  @TempDir private static Path directory;
  @TempDir private Path folder;

  @BeforeAll
  static void export() throws IOException {
    Path recipe = directory.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        "version: 1\nname: some\nrules: [{match: \"*\", stages: [{int: {bits: 4, group: 64}}]}]");
    Path run = directory.resolve("run");
    Path demo = ROOT.resolve("examples/demo-6m");
    Invocation.of("compress", "--model", demo, "--recipe", recipe, "--output", run).exits(0);
    for (String format : new String[] {"compressed-tensors", "gptq", "awq"}) {
      Path output = directory.resolve(format);
      Invocation.of("export", run, "--format", format, "--output", output).exits(0);
    }
  }

  private Path copy(String format) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve(format))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    return weights();
  }

  private Path weights() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).findFirst().get();
    }
  }

  /** Writes bytes into a tensor. */
  private static void spoil(Path file, String tensor, int at, byte[] with) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int header = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    JsonNode tensors = new ObjectMapper().readTree(bytes, Long.BYTES, header);
    int begin = tensors.get(tensor).get("data_offsets").get(0).intValue();
    System.arraycopy(with, 0, bytes, Long.BYTES + header + begin + at, with.length);
    Files.write(file, bytes);
  }

  private static void ends(Invocation invocation, int code, String sentence) {
    String said = invocation.exits(code).err().lines().toList().getLast();
    assertTrue(said.contains(sentence), said);
  }

  @ParameterizedTest
  @CsvSource({
    "compressed-tensors, .weight_scale, 2, 007c, has the scale Infinity in row 0",
    "compressed-tensors, .weight_scale, 0, 00fe, has the scale NaN in row 0",
    "compressed-tensors, .weight_shape, 0, 7f, 'does not say 128 and 256'",
    "gptq, .scales, 0, 00fc, has the scale -Infinity in row 0",
    "awq, .scales, 0, 00fc, has the scale -Infinity in row 0",
    "gptq, .g_idx, 4, 04, 'has 4 for input 1, expected one of the 4 groups'"
  })
  void whatLiesBesideTheCodesIsLookedAt(
      String format, String part, int at, String hex, String sentence) throws IOException {
    Path file = copy(format);
    spoil(file, KEY + part, at, HexFormat.of().parseHex(hex));
    Invocation found = Invocation.of("verify", folder);
    ends(found, 7, ": 1 problems, the first: ");
    ends(found, 7, file.getFileName() + ": tensor " + KEY + part);
    ends(found, 7, sentence);
  }

  @Test
  void aWeightThatIsNotFiniteIsFound() throws IOException {
    Path file = copy("gptq");
    spoil(file, "model.norm.weight", 0, new byte[] {(byte) 0xc0, (byte) 0x7f, (byte) 0xc0, 0x7f});
    ends(Invocation.of("verify", folder), 7, "tensor model.norm.weight has NaN");
  }

  @Test
  void whatIsMissingIsFound() throws IOException {
    Path file = copy("compressed-tensors");
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    String scale = KEY + ".weight_scale";
    Files.write(
        file,
        text.replace(scale + "\"", KEY + ".weight_scalx\"").getBytes(StandardCharsets.ISO_8859_1));
    ends(Invocation.of("verify", folder), 7, "there is no " + scale);
    ends(Invocation.of("plan", "--model", folder, "--recipe", "twn"), 4, "there is no " + scale);
  }

  @Test
  void aFileThatBreaksOffIsFound() throws IOException {
    Path file = copy("gptq");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));
    ends(Invocation.of("verify", folder), 7, file.getFileName().toString());
  }

  @Test
  void bitsThatAreNotKnownAreRefused() throws IOException {
    copy("gptq");
    Path config = folder.resolve("config.json");
    String text = Files.readString(config);
    Files.writeString(config, text.replaceAll("\"bits\" *: *4", "\"bits\": 3"));
    ends(Invocation.of("verify", folder), 3, "is quantized already");
  }

  /** What a recipe keeps stays packed, and the rest is rounded from what it was. */
  @ParameterizedTest
  @CsvSource({"compressed-tensors", "gptq", "awq"})
  void anExportCanBeCompressed(String format) throws IOException {
    Path recipe = folder.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        "version: 1\nname: some\nrules:\n  - {match: \"*.mlp.*\", keep: true}\n"
            + "  - {match: \"*\", stages: [{int: {bits: 8, group: row}}]}\n");
    Path run = folder.resolve("run");
    Path model = directory.resolve(format);
    Invocation.of("compress", "--model", model, "--recipe", recipe, "--output", run).exits(0);
    Invocation.of("verify", run).exits(0);
    JsonNode found =
        Invocation.of(
                "evaluate",
                run,
                "--dataset",
                ROOT.resolve("examples/demo-evaluation"),
                "--limit",
                2,
                "--baseline",
                model,
                "--format",
                "json")
            .exits(0)
            .json();
    assertTrue(found.get("kl_divergence").asDouble() < 0.01, found.toString());
    ends(Invocation.of("verify", run.resolve("model")), 2, "give the run");
  }

  @Test
  void aGgufFile() throws IOException {
    Path file = ROOT.resolve("jobs/src/test/resources/gguf/arcee.gguf");
    Invocation.of("verify", file).exits(0);
    Path copy = folder.resolve("copy.gguf");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(copy, Arrays.copyOf(bytes, bytes.length - 64));
    ends(Invocation.of("verify", copy), 7, "copy.gguf");
  }
}
