package io.tritmill.jobs.gguf.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.failure.BadInputException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which name of ggml splits texts as a tokenizer.json does. */
class StoredSplitsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Object name(SmallTokenizer small) {
    return small.keys(8).get("tokenizer.ggml.pre");
  }

  private static SmallTokenizer splitting(Object... parts) {
    return SmallTokenizer.bytes()
        .set(
            "pre_tokenizer",
            JSON.valueToTree(Map.of("type", "Sequence", "pretokenizers", List.of(parts))));
  }

  private static Map<String, Object> split(String pattern, String behavior, boolean invert) {
    return Map.of(
        "type",
        "Split",
        "pattern",
        Map.of("Regex", pattern),
        "behavior",
        behavior,
        "invert",
        invert);
  }

  /** What is read from a GGUF file is written as what it was. */
  @ParameterizedTest
  @EnumSource
  void everyWayThatIsReadIsFound(GgufPreTokenizer way) {
    SmallTokenizer small =
        SmallTokenizer.bytes()
            .set("pre_tokenizer", JSON.valueToTree(way.json()))
            .model("ignore_merges", way.ignoreMerges())
            .config("{'bos_token': '<s>'}");
    assertEquals(way.name(true), name(small));
  }

  /** As the files of published models have them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      quoteCharacter = '"',
      value = {
        "qwen2 \"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+\"",
        "qwen2 \"'(?i:[sdmt]|ll|ve|re)|[^\\n\\r\\p{N}\\p{L}]?+\\p{L}+|[\\p{N}]| ?[^\\s\\p{L}\\p{N}]++[\\n\\r]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+\"",
        "dbrx \"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+\"",
        "gpt-2 \"'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+\"",
      })
  void aPatternIsKnownHoweverItIsSpelled(String name, String pattern) {
    Map<String, Object> bytes = GgufPreTokenizer.byteLevel(false);
    SmallTokenizer small = splitting(split(pattern, "Isolated", false), bytes);
    small.config("{'bos_token': '<s>'}");
    assertEquals(name, name(small));
    String broken = pattern.replace("\\r", "\r").replace("\\n", "\n");
    assertEquals(
        name,
        name(splitting(split(broken, "Removed", true), bytes).config("{'bos_token': '<s>'}")));
  }

  @Test
  void digitsAndBytesWithWordsOfTheirOwnAreSmollm() {
    assertEquals(
        "smollm",
        name(
            splitting(
                Map.of("type", "Digits", "individual_digits", true),
                Map.of("type", "ByteLevel", "add_prefix_space", false, "use_regex", true))));
  }

  /**
   * ggml takes the eleventh token for one that begins texts where a name does not say otherwise.
   */
  @Test
  void withoutABeginningTheNameIsThatOfGlm() {
    SmallTokenizer small =
        SmallTokenizer.bytes()
            .set("pre_tokenizer", JSON.valueToTree(GgufPreTokenizer.LLAMA3.json()))
            .model("ignore_merges", true);
    assertEquals("glm4", name(small));
  }

  @Test
  void mergesMayBeIgnoredWhereTheyLeadToEveryToken() {
    SmallTokenizer small =
        SmallTokenizer.bytes()
            .set("pre_tokenizer", JSON.valueToTree(GgufPreTokenizer.GPT4O.json()))
            .model("ignore_merges", true);
    assertEquals("gpt-4o", name(small));
    small.vocabulary.put("bc", 7);
    BadInputException e = assertThrows(BadInputException.class, () -> name(small));
    assertTrue(e.getMessage().contains("model has ignore_merges true"), e.getMessage());
    small.model("ignore_merges", false);
    assertEquals("gpt-4o", name(small));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "\\p{L}+|\\p{N} Isolated false",
        "\\s+(?!\\S) Isolated false",
        "\\p{N} Isolated true",
        "\\p{N} MergedWithNext false",
        "\\p{N} Removed true",
        "[\\p{N Isolated false",
        "\\ Isolated false",
      })
  void anotherPatternIsRefused(String pattern, String behavior, boolean invert) {
    SmallTokenizer small =
        splitting(split(pattern, behavior, invert), GgufPreTokenizer.byteLevel(false));
    BadInputException e = assertThrows(BadInputException.class, () -> name(small));
    assertTrue(e.getMessage().contains("its pre_tokenizer "), e.getMessage());
  }

  @Test
  void whatFollowsTheBytesIsRefused() {
    SmallTokenizer small =
        splitting(GgufPreTokenizer.byteLevel(false), split("\\p{N}", "Isolated", false));
    BadInputException e = assertThrows(BadInputException.class, () -> name(small));
    assertTrue(e.getMessage().contains("goes on behind ByteLevel"), e.getMessage());
  }
}
