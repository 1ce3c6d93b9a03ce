package io.tritmill.jobs.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.Companion;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.gguf.GgufKeys;
import io.tritmill.jobs.gguf.GgufLlama;
import io.tritmill.jobs.gguf.tokenizer.GgufTokenizer;
import io.tritmill.jobs.gguf.tokenizer.StoredTokenizer;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tokenizer among the keys of a GGUF file. */
@Tag("slow")
class GgufTokenizerTest {
  private static final Path FORMATS =
      Path.of(System.getProperty("tritmill.shared", "shared")).resolve("data/formats/gguf");
  private static final Sizes SIZES = Sizes.TINY;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;

  @TempDir private Path folder;
  private final Storage storage = new Storage(new Configuration());

  private Tokenizer open(GgufLlama model) {
    Path file = model.write(folder.resolve("tiny.gguf"));
    return Tokenizer.open(storage, storage.path(file.toString()));
  }

  /** The printable letters alone, and tokens of more of them. */
  private static List<String> tokens(String... more) {
    Stream<String> letters =
        IntStream.rangeClosed('!', '~').mapToObj(letter -> Character.toString((char) letter));
    return Stream.concat(letters, Stream.of(more)).toList();
  }

  private static GgufLlama bytes(String pre, String... more) {
    List<String> tokens = tokens(more);
    List<Integer> types = new ArrayList<>(Collections.nCopies(tokens.size(), 1));
    types.set(tokens.indexOf("<s>"), CONTROL);
    types.set(tokens.indexOf("<t>"), USER_DEFINED);
    return GgufLlama.of(SIZES, true)
        .key("tokenizer.ggml.model", "gpt2")
        .key("tokenizer.ggml.pre", pre)
        .key("tokenizer.ggml.tokens", tokens)
        .key("tokenizer.ggml.token_type", types)
        .key("tokenizer.ggml.merges", List.of("1 2", "12 3", "a b", "\u0120 a", "\u0120a b"));
  }

  private static final String[] MORE = {
    "\u0120", "\u010a", "12", "123", "ab", "\u0120a", "\u0120ab", "<s>", "<t>"
  };

  private static String split(Tokenizer tokenizer, String text) {
    List<String> tokens = tokens(MORE);
    return Arrays.stream(tokenizer.encode(text))
        .mapToObj(tokens::get)
        .collect(Collectors.joining(" "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "smollm    | ab 1231 | ab Ġ 1 2 3 1",
        "qwen2     | ab 1231 | ab Ġ 1 2 3 1",
        "llama-bpe | ab 1231 | ab Ġ 123 1",
        "gpt-2     | ab 1231 | ab Ġ 123 1",
        "default   | ab 1231 | ab Ġ 123 1",
        "gpt-4o    | ab aB   | ab Ġa B",
        "smollm    | x<s>ab  | x < s > ab",
        "smollm    | x<t>ab  | x <t> ab"
      })
  void bytesAreSplitAndMergedAsTheNameSays(String pre, String text, String expected) {
    try (Tokenizer tokenizer = open(bytes(pre, MORE))) {
      assertEquals(expected, split(tokenizer, text));
    }
  }

  @Test
  void piecesAreMergedByTheirScores() {
    List<String> tokens = List.of("<unk>", "<0xC3>", "<0xA9>", "\u2581", "a", "b", "ab", "\u2581a");
    GgufLlama model =
        GgufLlama.of(SIZES, true)
            .key("tokenizer.ggml.model", "llama")
            .key("tokenizer.ggml.tokens", tokens)
            .key("tokenizer.ggml.scores", List.of(0f, 0f, 0f, -9f, -8f, -7f, -2f, -1f))
            .key("tokenizer.ggml.token_type", List.of(2, 6, 6, 1, 1, 1, 1, 1));
    try (Tokenizer tokenizer = open(model)) {
      assertArrayEquals(new int[] {7, 5, 7, 5, 6}, tokenizer.encode("ab abab"));
      assertArrayEquals(new int[] {3, 1, 2}, tokenizer.encode("\u00e9"));
    }
    try (Tokenizer tokenizer = open(model.key("tokenizer.ggml.add_space_prefix", false))) {
      assertArrayEquals(new int[] {6, 7, 5, 6}, tokenizer.encode("ab abab"));
    }
  }

  @Test
  void whatGoesBesideTheWeightsIsInTheLayoutOfHuggingFace() throws IOException {
    Path file =
        bytes("smollm", MORE)
            .key("tokenizer.ggml.eos_token_id", 2)
            .key("tokenizer.chat_template", "{{ x }}".repeat(2000))
            .write(folder.resolve("tiny.gguf"));
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(file.toString()));
    List<Companion> companions = checkpoint.companions();
    assertEquals(
        List.of("config.json", "tokenizer.json", "tokenizer_config.json"),
        companions.stream().map(Companion::name).toList());
    JsonNode config = new ObjectMapper().readTree(companions.getLast().read(storage));
    assertEquals("\"", config.get("bos_token").textValue());
    assertEquals("#", config.get("eos_token").textValue());
    assertEquals("{{ x }}".repeat(2000), config.get("chat_template").textValue());
    assertEquals(List.of(), checkpoint.remarks());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tokenizer.ggml.model | bert  | UNSUPPORTED  | model is bert, expected gpt2 or llama",
        "tokenizer.ggml.pre   | kimi  | UNSUPPORTED  | pre is kimi, expected one of [gpt-2",
        "tokenizer.ggml.model |       | BROKEN_INPUT | has no tokenizer.ggml.model",
        "tokenizer.ggml.tokens|       | BROKEN_INPUT | has no tokenizer.ggml.tokens",
        "tokenizer.ggml.tokens| x     | BROKEN_INPUT | tokens is x, expected the tokens as",
        "tokenizer.ggml.merges|       | BROKEN_INPUT | has no tokenizer.ggml.merges",
        "tokenizer.ggml.merges| a b   | BROKEN_INPUT | merges is a b, expected pairs",
      })
  void aTokenizerThatCannotBeReadIsRefused(String key, String value, ExitCode code, String part) {
    GgufLlama model = bytes("smollm", MORE).key(key, value);
    BadInputException e = assertThrows(BadInputException.class, () -> open(model));
    assertTrue(e.getMessage().contains(part), e.getMessage());
    assertEquals(code, e.exitCode());
  }

  @Test
  void tokensThatContradictThemselvesAreRefused() {
    GgufLlama twice = bytes("smollm", MORE);
    List<String> tokens = new ArrayList<>(tokens(MORE));
    tokens.set(3, "ab");
    twice.key("tokenizer.ggml.tokens", tokens);
    BadInputException e = assertThrows(BadInputException.class, () -> open(twice));
    assertTrue(e.getMessage().contains("has ab twice"), e.getMessage());
    GgufLlama types = bytes("smollm", MORE).key("tokenizer.ggml.token_type", List.of(1, 1));
    e = assertThrows(BadInputException.class, () -> open(types));
    assertTrue(e.getMessage().contains("token_type has 2 elements, but"), e.getMessage());
    Set<String> pieces = new HashSet<>(tokens(MORE));
    GgufLlama scores =
        GgufLlama.of(SIZES, true)
            .key("tokenizer.ggml.model", "llama")
            .key("tokenizer.ggml.tokens", List.copyOf(pieces))
            .key("tokenizer.ggml.scores", List.of(1f));
    e = assertThrows(BadInputException.class, () -> open(scores));
    assertTrue(e.getMessage().contains("scores has 1 elements, but"), e.getMessage());
  }

  @Test
  void weightsAreUsableWithoutATokenizerThatIsKnown() {
    Path file = bytes("kimi", MORE).write(folder.resolve("tiny.gguf"));
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(file.toString()));
    checkpoint.check();
    assertEquals(1, checkpoint.companions().size());
    assertEquals(1, checkpoint.remarks().size());
    assertTrue(checkpoint.remarks().getFirst().contains("its tokenizer is left out: "));
  }

  /** Texts and ids of ggml's own tests. */
  @ParameterizedTest
  @ValueSource(strings = {"gpt-2", "llama-spm"})
  void idsAreThoseOfTheReference(String name) throws IOException {
    Path vocabulary = FORMATS.resolve("ggml-vocab-" + name + ".gguf");
    assumeTrue(Files.exists(vocabulary), "The reference vocabularies are not here");
    String[] texts =
        Files.readString(Path.of(vocabulary + ".inp"), StandardCharsets.UTF_8)
            .split("\n__ggml_vocab_test__\n", -1);
    List<String> ids = Files.readAllLines(Path.of(vocabulary + ".out"));
    assertEquals(ids.size() + 1, texts.length);
    try (Tokenizer tokenizer = Tokenizer.open(storage, storage.path(vocabulary.toString()))) {
      for (int i = 0; i < ids.size(); i++) {
        String found =
            Arrays.stream(tokenizer.encode(texts[i]))
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(" "));
        assertEquals(ids.get(i).strip(), found, texts[i]);
      }
    }
  }

  /** Of a checkpoint in the layout of Hugging Face: its tokenizer as keys, and read from these. */
  @ParameterizedTest
  @CsvSource({
    "examples/demo-6m, 4096",
    "shared/data/tokenizers/llama2, 32000",
    "shared/data/tokenizers/gpt2, 50304"
  })
  void idsAreTheSameByTheKeysThatAreWritten(String place, int rows) throws IOException {
    Path folder =
        place.startsWith("shared")
            ? FORMATS.resolve("../../..").resolve(place.substring("shared/".length()))
            : Path.of(System.getProperty("tritmill.root")).resolve(place);
    assumeTrue(Files.exists(folder.resolve("tokenizer.json")), "The tokenizer is not here");
    byte[] json = Files.readAllBytes(folder.resolve("tokenizer.json"));
    Map<String, Object> keys = StoredTokenizer.keys(place, Map.of("tokenizer.json", json), rows);
    byte[] again = GgufTokenizer.of(new GgufKeys("x.gguf", keys)).json();
    String readme = Files.readString(Path.of(System.getProperty("tritmill.root"), "README.md"));
    List<String> texts = new ArrayList<>(readme.lines().toList());
    texts.addAll(
        List.of(
            "<s>a</s>",
            "  \t\n\n x",
            "\u6211\u4eec 123\u0663 \ud83d\ude42\u200d",
            "\u00e9e\u0301"));
    org.apache.hadoop.fs.Path file = storage.path(folder.toString());
    try (Tokenizer first = Tokenizer.ofMarked(new Tokenizer.Content(file, json));
        Tokenizer second = Tokenizer.ofMarked(new Tokenizer.Content(file, again))) {
      for (String text : texts) {
        assertArrayEquals(first.encode(text), second.encode(text), text);
      }
    }
  }
}
