package io.tritmill.jobs.gguf.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.gguf.GgufKeys;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The keys of a GGUF file that a checkpoint's tokenizer becomes. */
class StoredTokenizerTest {
  private static Object key(Map<String, Object> keys, String name) {
    return keys.get("tokenizer.ggml." + name);
  }

  private static List<Object> elements(Map<String, Object> keys, String name) {
    return SmallTokenizer.elements(keys, name);
  }

  @Test
  void tokensOfBytesKeepTheirIds() {
    Map<String, Object> keys = SmallTokenizer.bytes().keys(9);
    assertEquals("gpt2", key(keys, "model"));
    assertEquals("gpt-2", key(keys, "pre"));
    assertEquals(
        List.of("a", "b", "c", "ab", "abc", "<s>", "<t>", "[PAD7]", "[PAD8]"),
        elements(keys, "tokens"));
    assertEquals(List.of(1, 1, 1, 1, 1, 3, 4, 5, 5), elements(keys, "token_type"));
    assertEquals(List.of("a b", "ab c"), elements(keys, "merges"));
    assertEquals(false, key(keys, "add_bos_token"));
    assertNull(key(keys, "scores"));
  }

  @Test
  void aPaddingHasANameOfItsOwn() {
    Map<String, Object> keys = SmallTokenizer.bytes().add("[PAD7]", 8, true).keys(10);
    assertEquals(List.of("[[PAD7]]", "[PAD7]", "[PAD9]"), elements(keys, "tokens").subList(7, 10));
    assertEquals(List.of(5, 3, 5), elements(keys, "token_type").subList(7, 10));
  }

  @Test
  void mergesAndSpacesAreSpelledAsGgmlReadsThem() {
    SmallTokenizer small = SmallTokenizer.bytes();
    small.vocabulary.put(" ", 7).put(" a", 8);
    small.merges.removeAll().add("a b").addArray().add(" ").add("a");
    assertEquals(List.of("a b", "\u0120 a"), elements(small.keys(9), "merges"));
  }

  @Test
  void tokensThatLookLikeMarksAreMarks() {
    Map<String, Object> keys =
        SmallTokenizer.bytes().add("<|x|>", 7, false).add("<unused3>", 8, false).keys(9);
    assertEquals(List.of(3, 3), elements(keys, "token_type").subList(7, 9));
  }

  @Test
  void addedTokensOfOtherFilesCount() {
    Map<String, Object> keys =
        SmallTokenizer.bytes()
            .config(
                """
                {'added_tokens_decoder': {
                  '5': {'content': '<s>', 'special': true},
                  '7': {'content': '<u>', 'special': true}}}
                """)
            .file("added_tokens.json", "{\"<t>\": 6, \"<v>\": 8}")
            .keys(9);
    assertEquals(List.of("<u>", "<v>"), elements(keys, "tokens").subList(7, 9));
    assertEquals(List.of(3, 4), elements(keys, "token_type").subList(7, 9));
  }

  @Test
  void tokensWithAPartAreNamed() {
    Map<String, Object> keys =
        SmallTokenizer.bytes()
            .config("{'bos_token': {'content': '<s>'}, 'eos_token': null, 'add_bos_token': true}")
            .file("special_tokens_map.json", "{\"bos_token\": \"<t>\", \"pad_token\": \"<t>\"}")
            .file("config.json", "{\"eos_token_id\": [6, 2], \"unk_token_id\": -1}")
            .file("generation_config.json", "{\"eos_token_id\": [3, 6]}")
            .keys(7);
    assertEquals(5, key(keys, "bos_token_id"));
    assertEquals(6, key(keys, "eos_token_id"));
    assertEquals(6, key(keys, "padding_token_id"));
    assertNull(key(keys, "unknown_token_id"));
    assertEquals(2, key(keys, "eot_token_id"));
    assertEquals(3, key(keys, "eom_token_id"));
    assertEquals(true, key(keys, "add_bos_token"));
    assertNull(key(keys, "add_eos_token"));
  }

  @Test
  void anEmptyTokenHasNoPart() {
    SmallTokenizer small = SmallTokenizer.bytes();
    small.vocabulary.put("", 7);
    Map<String, Object> keys = small.keys(8);
    assertEquals("", elements(keys, "tokens").getLast());
    assertNull(key(keys, "bos_token_id"));
    assertNull(key(keys, "padding_token_id"));
  }

  @Test
  void aTemplateTellsWhatIsPutInFront() {
    SmallTokenizer small =
        SmallTokenizer.bytes()
            .set(
                "post_processor",
                """
                {'type': 'Sequence', 'processors': [{'type': 'TemplateProcessing', 'single': [
                  {'SpecialToken': {'id': '<s>'}}, {'Sequence': {'id': 'A'}},
                  {'SpecialToken': {'id': '<t>'}}]}]}
                """);
    Map<String, Object> keys = small.config("{'eos_token': '<t>'}").keys(7);
    assertEquals(5, key(keys, "bos_token_id"));
    assertEquals(true, key(keys, "add_bos_token"));
    assertEquals(true, key(keys, "add_eos_token"));
    keys = small.config("{'add_bos_token': false}").keys(7);
    assertEquals(false, key(keys, "add_bos_token"));
  }

  @Test
  void templatesOfChatsGoAlong() {
    SmallTokenizer small = SmallTokenizer.bytes().config("{'chat_template': 'one'}");
    assertEquals("one", small.keys(7).get("tokenizer.chat_template"));
    small.config(
        """
        {'chat_template': [{'name': 'default', 'template': 'two'},
          {'name': 'tools', 'template': 'three'}]}
        """);
    Map<String, Object> keys = small.keys(7);
    assertEquals("two", keys.get("tokenizer.chat_template"));
    assertEquals("three", keys.get("tokenizer.chat_template.tools"));
    small.file("chat_template.jinja", "{{ 'four' }}\n");
    assertEquals("{{ 'four' }}\n", small.keys(7).get("tokenizer.chat_template"));
  }

  @Test
  void scoresOfPiecesAreTheRanksOfTheirMerges() {
    Map<String, Object> keys = SmallTokenizer.pieces().keys(266);
    assertEquals("llama", key(keys, "model"));
    assertEquals("default", key(keys, "pre"));
    assertEquals(true, key(keys, "add_space_prefix"));
    assertEquals(
        List.of("\u2581", "a", "b", "ab", "\u2581a", "\u2581ab", "[PAD265]"),
        elements(keys, "tokens").subList(259, 266));
    assertEquals(
        List.of(-1000f, -1000f, -1000f, -1f, 0f, -2f, -1000f),
        elements(keys, "scores").subList(259, 266));
    assertEquals(List.of(2, 3, 3, 6, 6), elements(keys, "token_type").subList(0, 5));
    assertNull(key(keys, "merges"));
  }

  @Test
  void spacesOfTokensThatUsersDefineAreSpaces() {
    Map<String, Object> keys = SmallTokenizer.pieces().add("\u2581\u2581", 265, false).keys(266);
    assertEquals("  ", elements(keys, "tokens").getLast());
  }

  @Test
  void aMetaspaceIsASpaceInFront() {
    SmallTokenizer small = SmallTokenizer.pieces();
    small.json.remove("normalizer");
    String metaspace = "{'type': 'Metaspace', 'prepend_scheme': '%s', 'split': false}";
    small.set("pre_tokenizer", metaspace.formatted("first"));
    assertEquals(true, key(small.keys(265), "add_space_prefix"));
    small.set("pre_tokenizer", metaspace.formatted("never"));
    assertEquals(false, key(small.keys(265), "add_space_prefix"));
  }

  /** What is read of the keys gives the keys. */
  @Test
  void keysThatAreReadAreWrittenAsTheyWere() {
    String config = "{'bos_token': '<s>', 'eos_token': '%s', 'chat_template': '{{ x }}'}";
    for (Map<String, Object> keys :
        List.of(
            SmallTokenizer.bytes().config(config.formatted("<t>")).keys(7),
            SmallTokenizer.pieces().config(config.formatted("</s>")).keys(265))) {
      GgufTokenizer read = GgufTokenizer.of(new GgufKeys("x.gguf", keys));
      Map<String, byte[]> files =
          Map.of("tokenizer.json", read.json(), "tokenizer_config.json", read.configJson());
      assertEquals(keys, StoredTokenizer.keys("there", files, elements(keys, "tokens").size()));
    }
  }

  private static Arguments unsupported(String part, SmallTokenizer small) {
    return Arguments.of(part, small);
  }

  private static SmallTokenizer bytes(Consumer<SmallTokenizer> change) {
    SmallTokenizer small = SmallTokenizer.bytes();
    change.accept(small);
    return small;
  }

  private static SmallTokenizer pieces(Consumer<SmallTokenizer> change) {
    SmallTokenizer small = SmallTokenizer.pieces();
    change.accept(small);
    return small;
  }

  static Stream<Arguments> whatGgmlHasNot() {
    return Stream.of(
        unsupported("is of type Unigram", bytes(s -> s.model("type", "Unigram"))),
        unsupported("has a end_of_word_suffix", bytes(s -> s.model("end_of_word_suffix", "</w>"))),
        unsupported(
            "{\"type\":\"Lowercase\"}", bytes(s -> s.set("normalizer", "{'type': 'Lowercase'}"))),
        unsupported("pre_tokenizer is missing", bytes(s -> s.json.remove("pre_tokenizer"))),
        unsupported(
            "the component Whitespace",
            bytes(s -> s.set("pre_tokenizer", "{'type': 'Whitespace'}"))),
        unsupported(
            "a space in front", bytes(s -> s.set("pre_tokenizer", "{'type': 'ByteLevel'}"))),
        unsupported("normalizer leaves spaces", pieces(s -> s.json.remove("normalizer"))),
        unsupported(
            "\"split\":true",
            pieces(s -> s.set("pre_tokenizer", "{'type': 'Metaspace', 'split': true}"))),
        unsupported("has no <0x41>", pieces(s -> s.vocabulary.remove("<0x41>"))),
        unsupported("merges no a and b to ab", pieces(s -> s.merges.remove(1))),
        unsupported(
            "merges between those of \u2581ab",
            pieces(s -> s.merges.insert(0, SmallTokenizer.tree("['\u2581a', 'b']")).remove(4))));
  }

  @ParameterizedTest
  @MethodSource("whatGgmlHasNot")
  void whatGgmlHasNoNameForIsRefused(String part, SmallTokenizer small) {
    BadInputException e = assertThrows(BadInputException.class, () -> small.keys(265));
    assertTrue(e.getMessage().startsWith("there/tokenizer.json: its "), e.getMessage());
    assertTrue(e.getMessage().contains(part), e.getMessage());
    assertEquals(ExitCode.UNSUPPORTED, e.exitCode());
  }

  @Test
  void aFolderWithoutATokenizerIsRefused() {
    BadInputException e =
        assertThrows(BadInputException.class, () -> StoredTokenizer.keys("there", Map.of(), 8));
    assertTrue(e.getMessage().startsWith("there: has no tokenizer.json"), e.getMessage());
    assertEquals(ExitCode.UNSUPPORTED, e.exitCode());
  }

  private static Arguments broken(String part, Consumer<SmallTokenizer> change) {
    return Arguments.of(part, bytes(change));
  }

  static Stream<Arguments> contradictions() {
    return Stream.of(
        broken("gives id 4 to x, which is that of abc", s -> s.vocabulary.put("x", 4)),
        broken("gives id 4 to x, which is that of abc", s -> s.add("x", 4, true)),
        broken("gives id 7 to token abc, which has 4", s -> s.add("abc", 7, true)),
        broken("adds token <s> twice", s -> s.add("<s>", 5, true)),
        broken("id 8 to the token x, but the embedding has 8 rows", s -> s.add("x", 8, true)),
        broken("gives id -1 to the token x", s -> s.vocabulary.put("x", -1)),
        broken("gives id \"7\" to the token x", s -> s.vocabulary.put("x", "7")),
        broken("without content", s -> s.added.addObject().put("id", 7)),
        broken("half a character", s -> s.vocabulary.put("\ud800", 7)),
        broken("has no vocab", s -> s.model("vocab", List.of())),
        broken("has no merges", s -> s.model("merges", 1)),
        broken("merges [\"a\",\"c\"], expected", s -> s.merge("a", "c")),
        broken("merges [\"a\",\"b\"] twice", s -> s.merge("a", "b")),
        broken("merges \"a b c\"", s -> s.merges.add("a b c")),
        broken(
            "there/tokenizer_config.json: gives id 7 to token <s>, which has 5",
            s -> s.config("{'added_tokens_decoder': {'7': {'content': '<s>'}}}")),
        broken(
            "there/added_tokens.json: gives id 6 to <u>, which is that of <t>",
            s -> s.file("added_tokens.json", "{\"<u>\": 6}")),
        broken("eos_token_id is 9", s -> s.file("config.json", "{\"eos_token_id\": 9}")),
        broken("tokenizer_config.json: is no JSON object", s -> s.config("[]")));
  }

  @ParameterizedTest
  @MethodSource("contradictions")
  void filesThatContradictThemselvesAreRefused(String part, SmallTokenizer small) {
    BadInputException e = assertThrows(BadInputException.class, () -> small.keys(8));
    assertTrue(e.getMessage().contains(part), e.getMessage());
    assertEquals(ExitCode.BROKEN_INPUT, e.exitCode());
  }

  @Test
  void filesAreUtf8WithEveryKeyOnce() {
    for (byte[] content :
        List.of(
            "{\"model\": {\"vocab\": {\"a\": 0, \"a\": 1}}}".getBytes(StandardCharsets.UTF_8),
            "{\"model\": {\"vocab\": {\"\u00e9\": 0}}}".getBytes(StandardCharsets.ISO_8859_1))) {
      BadInputException e =
          assertThrows(BadInputException.class, () -> SmallTokenizer.keys(content));
      assertEquals(ExitCode.BROKEN_INPUT, e.exitCode());
      assertFalse(e.getMessage().contains("\n"));
    }
  }
}
