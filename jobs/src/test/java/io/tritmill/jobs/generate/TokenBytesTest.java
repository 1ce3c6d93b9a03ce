package io.tritmill.jobs.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBytesTest {
  private static final Storage STORAGE = new Storage(new Configuration());
  private static final List<String> TEXTS =
      List.of(
          "The capital of France is Paris, isn't it? It's 1,234.5 km.",
          "for (int i = 0; i < 10; i++) {\n\t\tsum += a[i];  // x\n\n}\n",
          "   three spaces,\t a tab \u00a0and\u2003others   \n  trailing   ",
          "\u6211\u4eec\u5728\u5317\u4eac \u65e5\u672c\u8a9e \u0645\u0631\u062d\u0628\u0627 e\u0301",
          "\ud83d\ude42 \ud83c\udde8\ud83c\udded \ud83d\udc69\u200d\ud83d\udcbb\u2764\ufe0f");

  @Test
  void tokensOfBytesSpellTheirText() {
    assertSpelled(Path.of(System.getProperty("tritmill.root"), "examples/demo-6m"), "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"data/tokenizers/gpt2", "data/tokenizers/llama2", "models/stories260K"})
  void tokensOfOthersSpellTheirText(String name) {
    String shared = System.getProperty("tritmill.shared");
    assumeTrue(shared != null && Files.exists(Path.of(shared, name)), name + " is not here");
    assertSpelled(Path.of(shared, name), name.endsWith("gpt2") ? "" : " ");
  }

  /**
   * @param before what the tokenizer puts in front of a text
   */
  private static void assertSpelled(Path folder, String before) {
    org.apache.hadoop.fs.Path path = STORAGE.path(folder.toString());
    TokenBytes tokens = TokenBytes.of(Tokenizer.content(STORAGE, path));
    try (Tokenizer tokenizer = Tokenizer.open(STORAGE, path)) {
      for (String text : TEXTS) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : tokenizer.encode(text)) {
          bytes.writeBytes(tokens.of(id));
        }
        assertEquals(before + text, bytes.toString(StandardCharsets.UTF_8));
      }
    }
  }

  @Test
  void specialTokensAndThoseOfTheModelAloneSpellNothing() {
    TokenBytes tokens = TokenBytes.of(content("\"ByteFallback\"}, {\"type\": \"Metaspace\""));
    assertArrayEquals(new byte[0], tokens.of(0));
    assertArrayEquals(new byte[] {(byte) 0xe4}, tokens.of(1));
    assertArrayEquals(new byte[0], tokens.of(99));
    assertEquals(2, tokens.id("\u2581a"));
    assertArrayEquals(" a".getBytes(StandardCharsets.UTF_8), tokens.of(2));
    assertArrayEquals("\u2581b".getBytes(StandardCharsets.UTF_8), tokens.of(3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"WordPiece\"", "\"Fuse\"", "\"Replace\", \"content\": \"x\""})
  void decodersThatAreNotKnownAreRefused(String decoder) {
    BadInputException refusal =
        assertThrows(BadInputException.class, () -> TokenBytes.of(content(decoder)));
    assertEquals(ExitCode.UNSUPPORTED, refusal.exitCode());
  }

  private static Tokenizer.Content content(String decoder) {
    String json =
        """
        {"added_tokens": [{"id": 0, "content": "<s>", "special": true},
                          {"id": 3, "content": "\u2581b", "special": false}],
         "decoder": {"type": "Sequence", "decoders": [{"type": %s, "replacement": "\u2581"}]},
         "model": {"type": "BPE", "vocab": {"<s>": 0, "<0xE4>": 1, "\u2581a": 2}, "merges": []}}
        """
            .formatted(decoder);
    return new Tokenizer.Content(
        new org.apache.hadoop.fs.Path("tokenizer.json"), json.getBytes(StandardCharsets.UTF_8));
  }
}
