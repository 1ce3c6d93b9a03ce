package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a user may give wrongly, and what comes of it: the exit code, one sentence on stderr, and no
 * output that looks complete.
 */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class BadInputTest {
  private static final String QUERY = "model.layers.1.self_attn.q_proj.weight";
  private static final String INDEX = "model/model.safetensors.index.json";

  @TempDir private Path directory;

  private TinyModel tiny;

  /** Spoils what {@link TinyModel} has written. */
  private interface Spoiling {
    void spoil(TinyModel tiny) throws IOException;
  }

  /** The arguments of the command that meets it. */
  private interface Line {
    Object[] of(TinyModel tiny);
  }

  @BeforeEach
  void writeModel() {
    tiny = TinyModel.in(directory);
  }

  private static Arguments row(String name, int exitCode, String sentence, Spoiling spoiling) {
    return Arguments.of(name, exitCode, sentence, spoiling, (Line) TinyModel::compress);
  }

  private static Arguments evaluation(
      String name, int exitCode, String sentence, Spoiling spoiling, Object... more) {
    Line line = tiny -> tiny.evaluate(more);
    return Arguments.of(name, exitCode, sentence, spoiling, line);
  }

  static Stream<Arguments> weights() {
    return Stream.of(
        row(
            "truncated",
            4,
            "is the download complete?",
            tiny -> {
              byte[] whole = Files.readAllBytes(tiny.weights());
              Files.write(tiny.weights(), Arrays.copyOf(whole, whole.length - 1));
            }),
        row("header longer than the file", 4, "the header's length is", length(1 << 20)),
        row("header beyond the cap", 4, "the header's length is", length(Long.MAX_VALUE)),
        row("negative header length", 4, "the header's length is", length(-1)),
        row("header no JSON", 4, "model.safetensors: ", header("{\"a\": [", 0)),
        row(
            "name twice",
            4,
            "Duplicate field 'a'",
            header("{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},'a':{}}", 1)),
        row(
            "overlapping",
            4,
            "tensors must not overlap",
            header(
                "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},"
                    + "'b':{'dtype':'U8','shape':[4],'data_offsets':[2,6]}}",
                6)),
        row(
            "negative offset",
            4,
            "has the value -1, expected 0 to 2^63 - 1",
            header("{'a':{'dtype':'U8','shape':[1],'data_offsets':[-1,0]}}", 1)),
        row(
            "overflowing shape",
            4,
            "has no size that fits a file",
            header(
                "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,4]}}", 4)),
        row(
            "no offsets",
            4,
            "lacks its two data_offsets",
            header("{'a':{'dtype':'U8','shape':[1]}}", 1)),
        row(
            "dtype and bytes disagree",
            4,
            "has 4 bytes, but F32 [2] needs 8",
            header("{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}}", 4)),
        row("shard missing", 4, "names the shard b.safetensors, which is not there", index("b")),
        row("path upwards", 4, "expected the plain name of a safetensors file", index("../a")),
        row("absolute path", 4, "expected the plain name of a safetensors file", index("/etc/a")),
        row("tensor missing", 4, "asks for the tensor " + QUERY, tiny -> tiny.tensors(QUERY, "")),
        row(
            "NaN",
            4,
            "tensor %s, row 2: found NaN in column 3, expected a finite weight".formatted(QUERY),
            tiny -> tiny.weight(QUERY, 2 * 16 + 3, Float.NaN)),
        row(
            "infinity",
            4,
            "tensor %s, row 15: found -Infinity in column 15".formatted(QUERY),
            tiny -> tiny.weight(QUERY, 255, Float.NEGATIVE_INFINITY)),
        row(
            "NaN in a tensor that is kept",
            4,
            "tensor model.norm.weight has NaN in row 0, column 7",
            tiny -> tiny.weight("model.norm.weight", 7, Float.NaN)),
        row(
            "a weight that no scale holds",
            4,
            QUERY + ", row 1",
            tiny -> tiny.weight(QUERY, 20, 1e30f)),
        tiny("twn: {group: row}"),
        tiny("absmean: {group: tensor}"),
        tiny("statistical: {group: 4}"),
        tiny("ptqtp: {planes: 2, group: 8}"),
        tiny("ptqtp: {planes: 3, group: 16, tied: true}"),
        row("no such model", 4, "no such", tiny -> delete(tiny.model())),
        row(
            "only pickles",
            4,
            "pytorch_model.bin: is a Python pickle",
            tiny -> {
              Files.delete(tiny.weights());
              tiny.text("model/pytorch_model.bin", "cos\nsystem\n(S'touch owned'\ntR.");
            }),
        row(
            "packed already",
            3,
            "is packed by Tritmill already",
            tiny ->
                new SafetensorsBuilder()
                    .metadata("tritmill.format", "1")
                    .random("a", DType.F32, List.of(2))
                    .write(tiny.weights())));
  }

  static Stream<Arguments> configurations() {
    return Stream.of(
        row(
            "config missing",
            4,
            "has no config.json",
            tiny -> Files.delete(tiny.model().resolve("config.json"))),
        row("config no JSON", 4, "config.json", tiny -> tiny.text("model/config.json", "{")),
        row(
            "unknown model_type",
            3,
            "model_type is mamba, expected one of [",
            tiny -> tiny.config("model_type", "mamba")),
        row("no model_type", 4, "has no model_type", tiny -> tiny.config("model_type", null)),
        row(
            "sizes contradict the tensors",
            4,
            "config.json asks for [4, 16]; do the two belong together?",
            tiny -> tiny.config("num_attention_heads", 8)),
        row(
            "more blocks than tensors",
            4,
            "do they belong together?",
            tiny -> tiny.config("num_hidden_layers", 1_000_000)),
        row(
            "unknown key",
            3,
            "did you mean 'rules'?",
            tiny -> tiny.recipe("rule: [{match: \"*\", keep: true}]")),
        row("unknown stage", 3, "did you mean 'ptqtp'?", stages("ptqpt: {}")),
        row("unknown parameter", 3, "did you mean 'planes'?", stages("ptqtp: {plane: 2}")),
        row(
            "parameter out of range",
            3,
            "planes is 1, 2 or 3, found 4",
            stages("ptqtp: {planes: 4}")),
        row(
            "layer without a rule",
            3,
            "no rule matches 13 of 14 linear layers",
            tiny -> tiny.recipe("rules: [{match: " + QUERY + ", stages: [{twn: {}}]}]")),
        row(
            "recipe no YAML",
            4,
            "recipe.yaml:1: is not YAML",
            tiny -> tiny.text("recipe.yaml", "rules: [")),
        row(
            "recipe missing",
            4,
            "recipe.yaml",
            tiny -> Files.delete(tiny.directory().resolve("recipe.yaml"))));
  }

  static Stream<Arguments> data() {
    return Stream.of(
        evaluation("empty", 4, "the data set is empty", tiny -> tiny.text("data.jsonl", "")),
        evaluation("wrong column", 4, "has no column words", tiny -> {}, "--column", "words"),
        evaluation(
            "ids beyond the vocabulary",
            4,
            "has token id 32, but the model's vocabulary has 32 ids",
            tiny -> tiny.text("data.jsonl", "{\"input_ids\": [1, 5, 32]}\n")),
        evaluation(
            "nothing to predict",
            4,
            "none of its 1 documents has a token to predict",
            tiny -> tiny.text("data.jsonl", "{\"input_ids\": [1]}\n")),
        evaluation("data no JSON", 4, "data.jsonl", tiny -> tiny.text("data.jsonl", "{\"text\"")),
        evaluation(
            "data missing",
            4,
            "no such file",
            tiny -> Files.delete(tiny.directory().resolve("data.jsonl"))),
        evaluation(
            "tokenizer missing",
            4,
            "has no tokenizer.json",
            tiny -> tiny.text("data.jsonl", "{\"text\": \"Once upon a time\"}\n")),
        evaluation(
            "tokenizer broken",
            4,
            "tokenizer.json: is no usable tokenizer",
            tiny -> {
              tiny.text("data.jsonl", "{\"text\": \"Once upon a time\"}\n");
              tiny.text("model/tokenizer.json", "{\"model\": {\"type\": \"BPE\"}}");
            }),
        evaluation("unknown protocol", 2, "pages", tiny -> {}, "--protocol", "pages"),
        evaluation("sequences of one", 2, "at least 2", tiny -> {}, "--sequence-length", 1),
        evaluation(
            "longer than the model's context",
            2,
            "64 positions",
            longDocument(),
            "--sequence-length",
            80),
        evaluation("no such run", 4, "no such", tiny -> delete(tiny.model())));
  }

  static Stream<Arguments> outputs() {
    return Stream.of(
        row(
            "output of another recipe",
            6,
            "holds a run of another recipe (older)",
            tiny -> tiny.text("run/plan.json", "{\"recipe\":\"older\",\"recipe_sha256\":\"0\"}")),
        row(
            "output of another model",
            6,
            "holds a run of another model",
            tiny -> {
              Invocation.of(tiny.compress()).exits(0);
              tiny.weight(QUERY, 0, 0.25f);
              delete(tiny.output().resolve("model"));
              Files.delete(tiny.output().resolve("MANIFEST.json"));
              Files.delete(tiny.output().resolve("_SUCCESS"));
            }),
        row("somebody's directory", 6, "holds files but no run", tiny -> tiny.text("run/a", "a")),
        row("a file", 6, "is a file, expected a directory", tiny -> tiny.text("run", "a")),
        Arguments.of(
            "below a file",
            6,
            "choose an output directory that this user may write to",
            (Spoiling) tiny -> tiny.text("file", "a"),
            (Line) tiny -> tiny.compressInto(tiny.directory().resolve("file/run"))),
        Arguments.of(
            "inside the model",
            6,
            "lie in one another",
            (Spoiling) tiny -> {},
            (Line) tiny -> tiny.compressInto(tiny.model().resolve("run"))),
        Arguments.of(
            "unknown scheme",
            2,
            "scheme ftp is not supported",
            (Spoiling) tiny -> {},
            (Line) tiny -> tiny.compressInto("ftp://host/run")));
  }

  /** A matrix of weights that no scale in IEEE half is small enough for. */
  private static Arguments tiny(String stage) {
    return row(
        "weights without a scale, " + stage,
        4,
        "whose scale would be 0 in IEEE half; a rule with keep: true leaves the layer as it is",
        tiny -> {
          stages(stage).spoil(tiny);
          tiny.weights(QUERY, 1e-9f);
        });
  }

  private static Spoiling length(long length) {
    return tiny -> {
      byte[] bytes = Files.readAllBytes(tiny.weights());
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      Files.write(tiny.weights(), bytes);
    };
  }

  private static Spoiling header(String json, int data) {
    return tiny ->
        Files.write(
            tiny.weights(), SafetensorsBuilder.file(json.replace('\'', '"'), new byte[data]));
  }

  private static Spoiling index(String shard) {
    return tiny -> {
      Files.move(tiny.weights(), tiny.model().resolve("a.safetensors"));
      tiny.text(INDEX, "{\"weight_map\":{\"t\":\"%s.safetensors\"}}".formatted(shard));
    };
  }

  private static Spoiling stages(String stage) {
    return tiny -> tiny.recipe("rules: [{match: \"*\", stages: [{%s}]}]".formatted(stage));
  }

  private static Spoiling longDocument() {
    return tiny ->
        tiny.text("data.jsonl", "{\"input_ids\": [%s]}\n".formatted("1, ".repeat(79) + "1"));
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"weights", "configurations", "data", "outputs"})
  void isRefusedInOneSentence(
      String name, int exitCode, String sentence, Spoiling spoiling, Line line) throws IOException {
    spoiling.spoil(tiny);

    Invocation refused = Invocation.of(line.of(tiny)).exits(exitCode);

    List<String> said =
        refused.err().lines().filter(text -> !text.startsWith("warning: ")).toList();
    assertTrue(refused.err().contains(sentence), refused.err());
    assertFalse(refused.err().contains("\tat "), refused.err());
    assertEquals("", refused.out());
    if (exitCode != 2) {
      assertEquals(1, said.stream().filter(text -> text.startsWith("tritmill: ")).count());
      assertTrue(said.getLast().startsWith("tritmill: "), refused.err());
    }
    assertNothingLooksComplete();
  }

  private void assertNothingLooksComplete() {
    List<String> finished =
        RunFiles.below(directory).keySet().stream()
            .filter(file -> file.matches(".*(_SUCCESS|MANIFEST.json|run/model/.*)"))
            .toList();
    assertEquals(List.of(), finished);
  }
}
