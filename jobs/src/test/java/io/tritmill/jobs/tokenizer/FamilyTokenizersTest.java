package io.tritmill.jobs.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.foreign.ForeignPrograms;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real tokenizers, from tokenizer.json and from the keys of GGUF files: the ids of the library that
 * they were made with, and of llama.cpp.
 */
@Tag("foreign")
class FamilyTokenizersTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Letters whose marks are characters of their own. */
  private static final String MARKS = "e\u0301 \u0928\u092e\u0938\u094d\u0924\u0947";

  private static final String HARMONY =
      "<|start|>assistant<|channel|>final<|message|>ok<|end|> <think>a</think>";

  private static final List<String> TEXTS =
      List.of(
          "The capital of France is Paris, isn't it? It's 1,234.5 km from 'there'; I'LL GO.",
          "for (int i = 0; i < 10; i++) {\n\t\tsum += a[i] * b[i];  // x\r\n\r\n}\n\n\nfooBar HTTPServer",
          "   three spaces,\t a tab \u00a0and\u2003others   \n  trailing   ",
          "2024-01-31 12:34:56 3.14159 1e-5 0xff 1234567890 \u0663\u0664\u0665 \u00bd\u2167",
          "\u6211\u4eec\u5728\u5317\u4eac123\u5b66\u4e60abc\u4e2d\u6587\u3002\u65e5\u672c\u8a9e\u3082\u30ab\u30bf\u3002\ud55c\uad6d\uc5b4",
          "\ud83d\ude42 \ud83c\udde8\ud83c\udded \ud83d\udc69\u200d\ud83d\udcbb\u2764\ufe0f",
          "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645",
          MARKS,
          "<|im_start|>user\nHi<|im_end|>\n<|endoftext|><|begin_of_text|><|eot_id|>",
          "<start_of_turn>user\nHi  there<end_of_turn>\n<bos>\t\t<h1>x</h1>",
          HARMONY,
          "<\uff5cbegin\u2581of\u2581sentence\uff5c><\uff5cUser\uff5c>Hi<\uff5cAssistant\uff5c>",
          "");

  @RegisterExtension
  private static final ForeignPrograms TOKENIZERS = ForeignPrograms.of("tokenizers");

  @TempDir private static Path directory;

  private final Storage storage = new Storage(new Configuration());

  @BeforeAll
  static void runThere() throws IOException, InterruptedException {
    JSON.writeValue(directory.resolve("texts.json").toFile(), TEXTS);
    Path kept = Files.createDirectories(ROOT.resolve("target/foreign/tokenizers"));
    TOKENIZERS
        .run(directory, "python", ROOT.resolve("foreign/tokenizer_ids.py"), kept, directory)
        .exits(0);
  }

  private static JsonNode json(String file) throws IOException {
    return JSON.readTree(directory.resolve(file).toFile());
  }

  private org.apache.hadoop.fs.Path path(String name) {
    return storage.path(directory.resolve(name).toString());
  }

  private static void assertIds(
      Tokenizer tokenizer, List<String> texts, JsonNode ids, Set<String> butFor)
      throws IOException {
    assertEquals(texts.size(), ids.size());
    for (int i = 0; i < texts.size(); i++) {
      int[] expected = JSON.treeToValue(ids.get(i), int[].class);
      int[] found = tokenizer.encode(texts.get(i));
      if (butFor.contains(texts.get(i))) {
        assertFalse(Arrays.equals(expected, found), texts.get(i));
      } else {
        assertArrayEquals(expected, found, texts.get(i));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama3", "qwen3", "deepseek_v3", "gpt_oss", "gemma3"})
  void aTokenizerJsonGivesTheIdsOfItsLibrary(String name) throws IOException {
    try (Tokenizer tokenizer = Tokenizer.ofMarked(Tokenizer.content(storage, path(name)))) {
      assertIds(tokenizer, TEXTS, json(name + "/ids.json").get("marked"), Set.of());
    }
  }

  /** A GGUF file does not tell that Qwen composes letters and their marks. */
  @ParameterizedTest
  @ValueSource(strings = {"llama3", "qwen3", "deepseek_v3", "gpt_oss"})
  void theSameInAGgufFileGivesTheSameIds(String name) throws IOException {
    try (Tokenizer tokenizer =
        Tokenizer.ofMarked(Tokenizer.content(storage, path(name + "/tiny.gguf")))) {
      Set<String> composed = name.equals("qwen3") ? Set.of(MARKS) : Set.of();
      assertIds(tokenizer, TEXTS, json(name + "/ids.json").get("marked"), composed);
    }
  }

  /**
   * Of gpt-oss it takes no marks for letters, as the original does, and takes some special tokens
   * in a plain text for these.
   */
  @ParameterizedTest
  @ValueSource(strings = {"llama3", "qwen3", "deepseek_v3", "gpt_oss"})
  void plainTextsHaveTheIdsOfLlamaCpp(String name) throws IOException {
    try (Tokenizer tokenizer = Tokenizer.open(storage, path(name + "/tiny.gguf"))) {
      Set<String> others = name.equals("gpt_oss") ? Set.of(MARKS, HARMONY) : Set.of();
      assertIds(tokenizer, TEXTS, json(name + "/ids.json").get("plain"), others);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt-2",
        "smollm",
        "refact",
        "command-r",
        "exaone4",
        "olmo",
        "dbrx",
        "glm4",
        "llama-bpe",
        "qwen35",
        "tekken",
        "gpt-4o",
        "minimax-m2",
        "seed-coder",
        "hunyuan-dense",
        "deepseek-coder",
        "kimi-k2",
        "falcon",
        "default"
      })
  void textsAreSplitAsLlamaCppSplitsThem(String pre) throws IOException {
    try (Tokenizer tokenizer = Tokenizer.open(storage, path("split/" + pre + ".gguf"))) {
      assertIds(tokenizer, TEXTS, json("split/" + pre + ".json"), Set.of());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "command-r",
        "deepseek-coder",
        "falcon",
        "gpt-2",
        "llama-bpe",
        "llama-spm",
        "mpt",
        "phi-3",
        "qwen2",
        "qwen35",
        "refact",
        "starcoder"
      })
  void vocabulariesGiveTheIdsThatLlamaCppIsTestedWith(String name) throws IOException {
    JsonNode cases = json("vocab/" + name + ".json");
    List<String> texts = List.of(JSON.treeToValue(cases.get("texts"), String[].class));
    assertTrue(texts.size() > 40);
    try (Tokenizer tokenizer = Tokenizer.open(storage, path("vocab/" + name + ".gguf"))) {
      assertIds(tokenizer, texts, cases.get("ids"), Set.of());
    }
  }
}
