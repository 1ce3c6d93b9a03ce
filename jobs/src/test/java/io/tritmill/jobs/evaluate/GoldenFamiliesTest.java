package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.model.CheckpointSource;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.describe.StoredTensors;
import io.tritmill.kernels.model.family.ModelFamily;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tiny random models of every family, in the layout of published checkpoints, against the logits
 * that transformers computed; {@code foreign/golden/make.py} makes them.
 */
class GoldenFamiliesTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden").toAbsolutePath();

  /** What computes with more than a stream. */
  private static final Set<String> REFUSED = Set.of("gemma4-small");

  /** Names of config.json beside those of the families that they stand for. */
  private static final Map<String, String> OTHER_NAMES = Map.of("kimi_k2", "deepseek_v3");

  private final Storage storage = new Storage(new Configuration());

  /** Models of families that are described; others wait for theirs. */
  static Stream<String> models() throws IOException {
    List<String> models = new ArrayList<>();
    try (Stream<Path> folders = Files.list(GOLDEN)) {
      folders.filter(GoldenFamiliesTest::described).forEach(f -> models.add(f.getFileName() + ""));
    }
    return models.stream().sorted();
  }

  private static boolean described(Path folder) {
    String name = folder.getFileName().toString();
    return !REFUSED.contains(name)
        && ModelFamily.supported().stream().anyMatch(family -> shows(name, family));
  }

  private static boolean shows(String model, String family) {
    String stem = family.replace("_text", "");
    return model.equals(family) || model.equals(stem) || model.startsWith(stem + "-");
  }

  @ParameterizedTest
  @MethodSource("models")
  void logitsAreThoseOfTransformers(String model) throws IOException {
    assertLogits(GOLDEN.resolve(model), GOLDEN.resolve(model));
  }

  @ParameterizedTest
  @MethodSource("models")
  void newerSpellingsOfTheConfigurationSayTheSame(String model, @TempDir Path folder)
      throws IOException {
    Path golden = GOLDEN.resolve(model);
    Path newer = golden.resolve("config-v5.json");
    if (Files.exists(newer)) {
      Files.copy(newer, folder.resolve("config.json"));
      Files.copy(golden.resolve("model.safetensors"), folder.resolve("model.safetensors"));
      assertLogits(folder, golden);
    }
  }

  /** Ministral 3 is published inside a model that sees. */
  @Test
  void wrappedModelsComputeTheSame(@TempDir Path folder) throws IOException {
    Path golden = GOLDEN.resolve("ministral3");
    ObjectMapper json = new ObjectMapper();
    ObjectNode config = json.createObjectNode().put("model_type", "mistral3");
    config.set("text_config", json.readTree(golden.resolve("config.json").toFile()));
    json.writeValue(folder.resolve("config.json").toFile(), config);
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(golden.resolve("model.safetensors")));
    byte[] header = new byte[Math.toIntExact(file.order(ByteOrder.LITTLE_ENDIAN).getLong())];
    file.get(header);
    ObjectNode names = json.createObjectNode();
    json.readTree(header)
        .forEachEntry(
            (name, tensor) ->
                names.set(name.equals("__metadata__") ? name : "language_model." + name, tensor));
    byte[] renamed = json.writeValueAsBytes(names);
    ByteBuffer copy = ByteBuffer.allocate(Long.BYTES + renamed.length + file.remaining());
    copy.order(ByteOrder.LITTLE_ENDIAN).putLong(renamed.length).put(renamed).put(file);
    Files.write(folder.resolve("model.safetensors"), copy.array());
    assertLogits(folder, golden);
  }

  @Test
  void otherNamesMeanTheSame(@TempDir Path folder) throws IOException {
    for (Map.Entry<String, String> name : OTHER_NAMES.entrySet()) {
      Path golden = GOLDEN.resolve(name.getValue());
      Path other = Files.createDirectory(folder.resolve(name.getKey()));
      String config = Files.readString(golden.resolve("config.json"));
      String type = "\"model_type\": \"%s\"";
      String renamed =
          config.replace(type.formatted(name.getValue()), type.formatted(name.getKey()));
      assertNotEquals(config, renamed);
      Files.writeString(other.resolve("config.json"), renamed);
      Files.copy(golden.resolve("model.safetensors"), other.resolve("model.safetensors"));
      assertLogits(other, golden);
    }
  }

  /** As Kimi K2.5 is published: the decoder of K2 and its head beside what sees. */
  @Test
  void aWrapperMayHoldDecoderAndHead(@TempDir Path folder) throws IOException {
    Path golden = GOLDEN.resolve("deepseek_v3");
    String config = Files.readString(golden.resolve("config.json"));
    Files.writeString(
        folder.resolve("config.json"),
        "{\"model_type\": \"kimi_k25\", \"tie_word_embeddings\": false, \"text_config\": %s}"
            .formatted(config.replace("deepseek_v3", "kimi_k2")));
    byte[] file = Files.readAllBytes(golden.resolve("model.safetensors"));
    int header = Math.toIntExact(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong());
    byte[] renamed =
        new String(file, Long.BYTES, header, StandardCharsets.UTF_8)
            .replace("\"model.", "\"language_model.model.")
            .replace("\"lm_head.", "\"language_model.lm_head.")
            .getBytes(StandardCharsets.UTF_8);
    int values = file.length - Long.BYTES - header;
    ByteBuffer wrapped =
        ByteBuffer.allocate(Long.BYTES + renamed.length + values).order(ByteOrder.LITTLE_ENDIAN);
    wrapped.putLong(renamed.length).put(renamed).put(file, Long.BYTES + header, values);
    Files.write(folder.resolve("model.safetensors"), wrapped.array());
    assertLogits(folder, golden);
  }

  @Test
  void everyFamilyHasAModel() throws IOException {
    TreeSet<String> missing = new TreeSet<>(ModelFamily.supported());
    missing.removeAll(OTHER_NAMES.keySet());
    models().forEach(model -> missing.removeIf(family -> shows(model, family)));
    assertEquals(new TreeSet<>(), missing);
  }

  @ParameterizedTest
  @FieldSource("REFUSED")
  void otherFunctionsAreRefused(String model) {
    String path = GOLDEN.resolve(model).toString();
    BadInputException refusal =
        assertThrows(
            BadInputException.class, () -> Checkpoint.open(storage, storage.path(path)).check());
    assertEquals(ExitCode.UNSUPPORTED, refusal.exitCode());
  }

  private void assertLogits(Path model, Path golden) throws IOException {
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(model.toString()));
    checkpoint.check();
    assertLogits(new CheckpointSource(storage, checkpoint), golden);
  }

  private void assertLogits(ModelSource source, Path golden) throws IOException {
    GoldenLogits.read(storage, golden.resolve("golden.safetensors")).assertSame(source);
  }

  /** The inputs of BitNet's modules are rounded; its weights too, when they are stored plainly. */
  @Test
  void inputsOfBitnetAreRounded(@TempDir Path folder) throws IOException {
    Path golden = GOLDEN.resolve("bitnet-online");
    ObjectNode config =
        (ObjectNode) new ObjectMapper().readTree(golden.resolve("config.json").toFile());
    Map<String, Object> values =
        new ObjectMapper().convertValue(config, new TypeReference<Map<String, Object>>() {});
    config.remove("quantization_config");
    new ObjectMapper().writeValue(folder.resolve("config.json").toFile(), config);
    Files.copy(golden.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    Checkpoint stored = Checkpoint.open(storage, storage.path(folder.toString()));
    Architecture model =
        ModelFamily.of("bitnet")
            .orElseThrow()
            .describe(new ConfigValues(values), StoredTensors.none(2));
    assertTrue(model.sites().stream().allMatch(Site::rounded));
    assertLogits(new TernarySource(model, new CheckpointSource(storage, stored)), golden);
  }
}
