package io.tritmill.jobs.checkpoint;

import static io.tritmill.jobs.checkpoint.SafetensorsBuilder.llamaConfig;
import static io.tritmill.jobs.checkpoint.SafetensorsBuilder.llamaShapes;
import static io.tritmill.jobs.checkpoint.SafetensorsBuilder.writeJson;
import static io.tritmill.jobs.checkpoint.SafetensorsBuilder.writeLlama;
import static io.tritmill.jobs.checkpoint.SafetensorsBuilder.writeSharded;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which a folder can fail to be a checkpoint, and what the user is told. */
class BrokenCheckpointTest {
  private static final String INDEX = "model.safetensors.index.json";
  private static final SafetensorsBuilder NO_TENSORS = new SafetensorsBuilder();

  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration(false));

  /** Spoils a folder, or makes one. */
  private interface Spoiling {
    void spoil(Path folder) throws IOException;
  }

  static Stream<Arguments> folders() {
    return Stream.of(
        row("empty folder", folder -> {}, "has no safetensors file, expected model.safetensors"),
        row("pickle", text("pytorch_model.bin", "x"), "pytorch_model.bin: is a Python pickle"),
        row("checkpoint pickle", text("model.PT", "x"), "convert it where you trust it"),
        row("pickle by its bytes", text("weights", "PK\3\4...."), "weights: is a Python pickle"),
        row(
            "hub cache",
            folder -> Files.createDirectories(folder.resolve("snapshots/abc")),
            "give one of the folders in its snapshots/"),
        row(
            "no tensors",
            folder -> NO_TENSORS.write(folder.resolve("model.safetensors")),
            "holds no tensors"),
        row(
            "several files without index",
            folder -> {
              NO_TENSORS.write(folder.resolve("a.safetensors"));
              NO_TENSORS.write(folder.resolve("b.safetensors"));
            },
            "has 2 safetensors files but no " + INDEX),
        row(
            "truncated shard",
            folder -> {
              sharded(folder);
              cut(folder.resolve("model-00002-of-00002.safetensors"));
            },
            "model-00002-of-00002.safetensors: tensor ",
            "is the download complete?"),
        row(
            "shard missing",
            folder -> {
              sharded(folder);
              Files.delete(folder.resolve("model-00002-of-00002.safetensors"));
            },
            "names the shard model-00002-of-00002.safetensors, which is not there"),
        row("index not JSON", text(INDEX, "{"), INDEX + ": the index is not sound JSON"),
        row("index a list", text(INDEX, "[]"), "is no JSON object"),
        row("no weight_map", text(INDEX, "{\"metadata\":{}}"), "has no weight_map"),
        row("empty weight_map", text(INDEX, "{\"weight_map\":{}}"), "has no weight_map"),
        row("weight_map a list", text(INDEX, "{\"weight_map\":[1]}"), "is no object"),
        row("number for a file", map("1"), "gives no file name for t"),
        row("tensor twice", text(INDEX, "{\"weight_map\":{\"t\":\"a\",\"t\":\"a\"}}"), "'a'"),
        row(
            "weight_map twice",
            text(INDEX, "{\"weight_map\":{},\"weight_map\":{}}"),
            "Duplicate field 'weight_map'"),
        row(
            "key twice in a corner",
            text(INDEX, "{\"metadata\":{\"k\":1,\"k\":2}}"),
            "Duplicate field 'k'"),
        row("path upwards", map("\"../a.safetensors\""), "'../a.safetensors', expected the plain"),
        row("absolute path", map("\"/etc/a.safetensors\""), "expected the plain name"),
        row("backslash", map("\"..\\\\a.safetensors\""), "expected the plain name"),
        row("other scheme", map("\"s3a://b/a.safetensors\""), "expected the plain name"),
        row("sub folder", map("\"sub/a.safetensors\""), "expected the plain name"),
        row("pickle shard", map("\"a.bin\""), "'a.bin', expected the plain name"),
        row("empty file name", map("\"\""), "expected the plain name"),
        row(
            "tensor not in its shard",
            folder -> {
              NO_TENSORS.write(folder.resolve("a.safetensors"));
              map("\"a.safetensors\"").spoil(folder);
            },
            "tensor t is not in a.safetensors, where the index expects it"),
        row(
            "tensor that the index does not name",
            folder -> {
              new SafetensorsBuilder()
                  .random("t", DType.F32, List.of(1))
                  .random("stranger", DType.F32, List.of(1))
                  .write(folder.resolve("a.safetensors"));
              map("\"a.safetensors\"").spoil(folder);
            },
            "tensor stranger is here, but the index names no file for it"),
        row(
            "tensor in two shards",
            folder ->
                writeSharded(
                    folder,
                    List.of(
                        new SafetensorsBuilder()
                            .random("s", DType.F32, List.of(1))
                            .random("t", DType.F32, List.of(1)),
                        new SafetensorsBuilder()
                            .random("t", DType.F32, List.of(1))
                            .random("u", DType.F32, List.of(1)))),
            "model-00001-of-00002.safetensors: tensor t is here, but the index names model-00002"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("folders")
  void brokenFoldersDoNotOpen(String name, Spoiling spoiling, List<String> words)
      throws IOException {
    spoiling.spoil(folder);
    BadInputException refusal =
        assertThrows(
            BadInputException.class,
            () -> Checkpoint.open(storage, storage.path(folder.toString())));
    assertRefused(ExitCode.BROKEN_INPUT, refusal, words);
  }

  static Stream<Arguments> models() {
    return Stream.of(
        row(
            "no config",
            folder -> Files.delete(folder.resolve("config.json")),
            "has no config.json",
            "--weights-only"),
        row(
            "config not JSON",
            text("config.json", "{\"a\": tru}"),
            "config.json: the file is not sound JSON"),
        row("config a list", text("config.json", "[1]"), "config.json: the file is not sound JSON"),
        row("config null", text("config.json", "null"), "expected a JSON object"),
        row("config empty", text("config.json", ""), "config.json: "),
        row("config goes on", text("config.json", "{} {}"), "config.json: the file is not sound"),
        row(
            "config too deep",
            text("config.json", "{\"a\":".repeat(20) + "1" + "}".repeat(20)),
            "nesting depth (17) exceeds the maximum allowed (16"),
        row("key twice", text("config.json", "{\"a\":1,\"a\":2}"), "Duplicate field 'a'"),
        row(
            "no model_type",
            config("model_type", null),
            "has no model_type, expected one of [llama, mistral, "),
        row(
            "model_type a number",
            config("model_type", 3),
            "config.json: model_type is 3, expected a string"),
        row(
            "no hidden_size",
            config("hidden_size", null),
            "embed_tokens.weight has shape [32, 16]",
            "[32, 4096]"),
        row(
            "hidden_size text",
            config("hidden_size", "big"),
            "hidden_size is big, expected a number"),
        row("negative", config("vocab_size", -1), "vocab_size is -1, expected at least 1"),
        row(
            "a billion blocks",
            config("num_hidden_layers", 1_000_000_000),
            "num_hidden_layers is 1000000000, but the checkpoint has 20 tensors"),
        row("huge heads", config("head_dim", 2_000_000_000), "expected a product below 2^31"),
        row(
            "one block more",
            config("num_hidden_layers", 3),
            "model.layers.2.input_layernorm.weight of shape [16]",
            "has none"),
        row(
            "wider",
            config("intermediate_size", 41),
            "mlp.gate_proj.weight has shape [40, 16]",
            "[41, 16]"),
        row(
            "vocabulary",
            config("vocab_size", 33),
            "embed_tokens.weight has shape [32, 16]",
            "[33, 16]"),
        row(
            "no head",
            config("tie_word_embeddings", false),
            "tie_word_embeddings is false, but the checkpoint has no lm_head.weight"),
        row(
            "vector for a matrix",
            tensor("model.layers.1.self_attn.q_proj.weight", "F32", List.of(256)),
            "has shape [256]",
            "[16, 16]"),
        row(
            "missing tensor",
            tensor("model.layers.1.mlp.up_proj.weight", null, List.of()),
            "asks for the tensor model.layers.1.mlp.up_proj.weight"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void modelsThatContradictTheirConfigDoNotCheck(String name, Spoiling spoiling, List<String> words)
      throws IOException {
    assertRefused(ExitCode.BROKEN_INPUT, refusalOf(spoiling), words);
  }

  static Stream<Arguments> unsupported() {
    return Stream.of(
        row(
            "model_type",
            config("model_type", "gpt2"),
            "model_type is gpt2, expected one of [llama, mistral, ",
            "--weights-only"),
        row(
            "RoPE",
            config("rope_scaling", Map.of("rope_type", "dynamic")),
            "rope_type is dynamic",
            "--weights-only"),
        row(
            "names of Mistral's own format",
            folder ->
                new SafetensorsBuilder()
                    .random("tok_embeddings.weight", DType.F32, List.of(32, 16))
                    .random("norm.weight", DType.F32, List.of(16))
                    .write(folder.resolve("model.safetensors")),
            "has names of another program"),
        row(
            "only the head of the two",
            folder -> rewrite(folder, n -> n.startsWith("model.embed") ? "lm_head.weight" : n),
            "of the two the checkpoint has lm_head.weight alone"),
        row(
            "dtype",
            tensor("model.norm.weight", "F64", List.of(16)),
            "tensor model.norm.weight has dtype F64, expected one of [F32, F16, BF16]"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unsupported")
  void modelsOfOtherKindsAreUnsupported(String name, Spoiling spoiling, List<String> words)
      throws IOException {
    assertRefused(ExitCode.UNSUPPORTED, refusalOf(spoiling), words);
  }

  /** Whatever stands before all names: a wrapper's, a compiler's, or nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"", "_orig_mod.model.", "language_model.model.", "model.language_model."})
  void namesMayStandBehindOthers(String prefix) throws IOException {
    writeLlama(folder, Sizes.TINY, true, DType.F32, 1);
    names(prefix, "model.").spoil(folder);
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(folder.toString()));
    checkpoint.check();
    assertEquals(List.of(), checkpoint.extras());
    assertTrue(checkpoint.architecture().embedding().name().startsWith(prefix + "embed_tokens"));
  }

  private static Spoiling names(String with, String without) {
    return folder -> rewrite(folder, name -> with + name.replaceFirst("^" + without, ""));
  }

  /** Writes the same tensors under other names. */
  private static void rewrite(Path folder, UnaryOperator<String> rename) {
    SafetensorsBuilder builder = new SafetensorsBuilder();
    SafetensorsBuilder.llamaShapes(Sizes.TINY, true)
        .forEach((name, shape) -> builder.random(rename.apply(name), DType.F32, shape));
    builder.write(folder.resolve("model.safetensors"));
  }

  /** Writes a sound model of one file, spoils it, and checks it. */
  private BadInputException refusalOf(Spoiling spoiling) throws IOException {
    writeLlama(folder, Sizes.TINY, true, DType.F32, 1);
    spoiling.spoil(folder);
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(folder.toString()));
    return assertThrows(BadInputException.class, checkpoint::check);
  }

  private void assertRefused(ExitCode code, BadInputException refusal, List<String> words) {
    String message = refusal.getMessage();
    assertEquals(code, refusal.exitCode(), message);
    words.forEach(word -> assertTrue(message.contains(word), message));
    assertTrue(message.contains("file:" + folder), message);
    assertFalse(message.contains("\n"), message);
  }

  private static Arguments row(String name, Spoiling spoiling, String... words) {
    return arguments(name, spoiling, List.of(words));
  }

  private static void sharded(Path folder) {
    writeLlama(folder, Sizes.TINY, true, DType.F32, 2);
  }

  private static void cut(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
  }

  private static Spoiling text(String name, String content) {
    return folder -> Files.writeString(folder.resolve(name), content);
  }

  /** An index that puts tensor {@code t} into a file, given as JSON. */
  private static Spoiling map(String file) {
    return text(INDEX, "{\"weight_map\":{\"t\":%s}}".formatted(file));
  }

  /** A config.json with another value, or none. */
  private static Spoiling config(String key, Object value) {
    return folder -> {
      Map<String, Object> config = llamaConfig(Sizes.TINY, true);
      if (value == null) {
        config.remove(key);
      } else {
        config.put(key, value);
      }
      writeJson(folder.resolve("config.json"), config);
    };
  }

  /** A model one of whose tensors has another type and shape, or is missing. */
  private static Spoiling tensor(String name, String dtype, List<Integer> shape) {
    return folder -> {
      SafetensorsBuilder builder = new SafetensorsBuilder();
      llamaShapes(Sizes.TINY, true)
          .forEach(
              (tensor, expected) -> {
                if (!tensor.equals(name)) {
                  builder.random(tensor, DType.F32, expected);
                } else if (dtype != null) {
                  int bytes = shape.stream().reduce(1, Math::multiplyExact);
                  builder.raw(name, dtype, shape, new byte[bytes * (dtype.equals("F64") ? 8 : 4)]);
                }
              });
      builder.write(folder.resolve("model.safetensors"));
    };
  }
}
