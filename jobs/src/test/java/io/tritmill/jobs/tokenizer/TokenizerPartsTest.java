package io.tritmill.jobs.tokenizer;

import static io.tritmill.jobs.data.DataFixture.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.fuzz.TokenizerSeeds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Parts of a tokenizer.json with which the native library would end this process, and sound ones.
 */
class TokenizerPartsTest {
  private static final String MODEL =
      "{'type':'BPE','vocab':{'a':0,'b':1,'ab':2},'merges':[['a','b']]}";

  /** Alternatives of GPT-4's pattern, which goes back over spaces at its end. */
  private static final String GPT4 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static Tokenizer open(String model, String normalizer, String splitter) {
    return open(TokenizerSeeds.of(model, normalizer, splitter).replace('\'', '"'));
  }

  private static Tokenizer open(String json) {
    return Tokenizer.of(new Path("file:/m/tokenizer.json"), json.getBytes(StandardCharsets.UTF_8));
  }

  private static int[] ids(String model, String normalizer, String splitter, String text) {
    try (Tokenizer tokenizer = open(model, normalizer, splitter)) {
      return tokenizer.encode(text);
    }
  }

  @Test
  void everySeedOfTheFuzzingIsSound() {
    for (byte[] seed : TokenizerSeeds.all()) {
      open(new String(seed, StandardCharsets.UTF_8)).close();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'type':'FixedLength','length':0}        | has length 0",
        "{'type':'FixedLength','length':-1}       | has length -1",
        "{'type':'FixedLength','length':'2'}      | has length \"2\"",
        "{'type':'CharDelimiterSplit','delimiter':''} | has delimiter \"\", expected one character",
        "{'type':'Metaspace','replacement':'xy'}  | has replacement \"xy\"",
        "{'type':'Digits'}                        | has individual_digits missing",
        "{'type':'Split','pattern':{'String':''},'behavior':'Removed','invert':false} | is empty",
        "{'type':'Split','pattern':{'String':'a'},'behavior':'Gone','invert':false} | behavior",
        "{'type':'Sequence','pretokenizers':[{'type':'FixedLength','length':0}]} | pretokenizers[0]",
        "{'type':'Sequence','pretokenizers':7}    | expected a list",
        "[]                                       | is no JSON object",
        "{'length':0}                             | has type missing"
      })
  void aBrokenPreTokenizerIsRefused(String splitter, String words) {
    assertRefused(
        ExitCode.BROKEN_INPUT, () -> open(MODEL, "null", splitter).close(), "pre_tokenizer", words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'type':'Prepend','prepend':''}                               | has prepend",
        "{'type':'Replace','pattern':{'String':''},'content':'x'}      | is empty",
        "{'type':'Replace','pattern':{},'content':'x'}                 | has String missing",
        "{'type':'Strip','strip_left':1,'strip_right':true}            | has strip_left 1",
        "{'type':'Precompiled','precompiled_charsmap':''}              | a charsmap of 0 bytes",
        "{'type':'Precompiled','precompiled_charsmap':'????'}          | not base64",
        "{'type':'Precompiled','precompiled_charsmap':'AAAAAA=='}      | whose trie takes 0",
        "{'type':'Precompiled','precompiled_charsmap':'////fwAAAAA='}  | whose trie takes 2147483647",
        "{'type':'Precompiled','precompiled_charsmap':'BAAAAAAAAAA='}  | leads to unit",
        "{'type':'Precompiled'}                                        | precompiled_charsmap missing"
      })
  void aBrokenNormalizerIsRefused(String normalizer, String words) {
    assertRefused(
        ExitCode.BROKEN_INPUT, () -> open(MODEL, normalizer, "null").close(), "normalizer", words);
  }

  @Test
  void aCharsmapIsWalkedBeforeItIsUsed() {
    byte[] sound = Base64.getDecoder().decode(TokenizerSeeds.charsmap());
    assertArrayEquals(
        new int[] {1, 1}, ids(MODEL, charsmap(sound), "null", "bA"), "A is mapped to b");
    String text = TokenizerSeeds.charsmap();
    int last = text.indexOf('=') - 1;
    String loose = text.substring(0, last) + (char) (text.charAt(last) + 1);
    assertArrayEquals(
        new int[] {1},
        ids(MODEL, "{'type':'Precompiled','precompiled_charsmap':'" + loose + "'}", "null", "A"),
        "the library ends the process where padding is missing or not zero");
    for (int unit : new int[] {0, 1 ^ 'A', 1 ^ 'A' ^ 2}) {
      byte[] wrong = sound.clone();
      ByteBuffer.wrap(wrong)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(4 + 4 * unit, unit == 0 ? 1 << 20 : 0x7ffffd41);
      assertRefused(
          ExitCode.BROKEN_INPUT, () -> open(MODEL, charsmap(wrong), "null").close(), "charsmap");
    }
    byte[] cut = Arrays.copyOf(sound, sound.length - 2);
    assertRefused(ExitCode.BROKEN_INPUT, () -> open(MODEL, charsmap(cut), "null").close(), "of 0");
  }

  private static String charsmap(byte[] bytes) {
    return "{'type':'Precompiled','precompiled_charsmap':'%s'}"
        .formatted(Base64.getEncoder().encodeToString(bytes));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'type':'BPE','continuing_subword_prefix':'##','vocab':{'a':0,'b':1,'ab':2},'merges':['a b']} | does not begin with the prefix ##",
        "{'type':'BPE','continuing_subword_prefix':'##','vocab':{'a':0,'é':1},'merges':[['a','é']]} | does not begin with",
        "{'type':'BPE','vocab':{'a':0},'merges':['a']}                      | expected two tokens",
        "{'type':'BPE','vocab':{'a':0},'merges':[['a','x']]}                | is no usable tokenizer",
        "{'type':'BPE','vocab':{'a':0},'merges':[null]}                     | expected two tokens",
        "{'type':'BPE','vocab':{'a':0}}                                     | has merges missing",
        "{'type':'BPE','vocab':[['a',0]],'merges':[]}                       | of another",
        "{'type':'Unigram','vocab':{'a':0}}                                 | of another",
        "{'type':'Unigram','vocab':[['a']]}                                 | a token and its score",
        "{'type':'Unigram','unk_id':1,'vocab':[['a',0]]}                    | has unk_id 1",
        "{'type':'Unigram','unk_id':0,'vocab':[]}                           | is no usable tokenizer",
        "{'type':'WordPiece','vocab':{'a':0}}                               | has unk_token missing",
        "{'type':'WordPiece','unk_token':'a','continuing_subword_prefix':'','max_input_chars_per_word':4294967296,'vocab':{'a':0}} | max_input_chars_per_word"
      })
  void aBrokenModelIsRefused(String model, String words) {
    assertRefused(ExitCode.BROKEN_INPUT, () -> open(model, "null", "null").close(), words);
  }

  @Test
  void aTokenThatIsTooLongIsRefused() {
    String model = "{'type':'Unigram','unk_id':0,'vocab':[['%s',0]]}".formatted("é".repeat(600));
    assertRefused(
        ExitCode.BROKEN_INPUT, () -> open(model, "null", "null").close(), "of 600 characters");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'type':'Unheard','vocab':{'a':0}} | null | null | is of type \"Unheard\"",
        "{'type':'BPE','dropout':0.5,'vocab':{'a':0},'merges':[]} | null | null | dropout of 0.5",
        "{'type':'WordLevel','unk_token':'a','vocab':{'a':0}} | {'type':'New'} | null | is of type \"New\"",
        "{'type':'WordLevel','unk_token':'a','vocab':{'a':0}} | null | {'type':'New'} | is of type \"New\""
      })
  void whatIsNotKnownIsNotSupported(
      String model, String normalizer, String splitter, String words) {
    assertRefused(
        ExitCode.UNSUPPORTED,
        () -> open(model, normalizer, splitter).close(),
        "tokenizer.json: its",
        words,
        "this tokenizer is not supported");
  }

  @Test
  void aTextCannotGrowWithoutBounds() {
    String twice = "{'type':'Replace','pattern':{'String':'a'},'content':'aa'}";
    String many = String.join(",", List.of(twice, twice, twice, twice, twice, twice, twice, twice));
    assertRefused(
        ExitCode.UNSUPPORTED,
        () -> open(MODEL, "{'type':'Sequence','normalizers':[" + many + "]}", "null").close(),
        "more than 128 times as long");
  }

  @Test
  void anAddedTokenCannotBecomeEmpty() {
    String json =
        TokenizerSeeds.of(MODEL, "{'type':'Strip','strip_left':true,'strip_right':true}", "null")
            .replace(
                "\"added_tokens\":[]",
                "'added_tokens':[{'id':3,'content':' ','single_word':false,'lstrip':false,"
                    + "'rstrip':false,'normalized':true,'special':false}]")
            .replace('\'', '"');
    assertRefused(
        ExitCode.UNSUPPORTED, () -> open(json).close(), "the normalizer may leave nothing of it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a+)+b",
        "(a|aa)+",
        "a*a*a*b",
        ".*x",
        "\\s*y",
        "a*",
        "",
        "a|",
        "(?=a)",
        "(?<=a)b",
        "\\1a",
        "a{1,1000}",
        "\\p{N}{1,3}+",
        "\\s+(?!\\S)",
        "\\s*[\\r\\n]+| |\\s+(?!\\S)|\\s+",
        "[",
        "a\\",
        "((((((a))))))*"
      })
  void aPatternThatMayNeverEndIsNotSupported(String regex) {
    assertFalse(
        accepts(regex), "the engine tries all ways, and ends the process after ten million");
  }

  private static boolean accepts(String regex) {
    String splitter =
        "{\"type\":\"Split\",\"pattern\":{\"Regex\":%s},\"behavior\":\"Isolated\",\"invert\":false}"
            .formatted(quoted(regex));
    try (Tokenizer tokenizer =
        open(TokenizerSeeds.of(MODEL.replace('\'', '"'), "null", splitter))) {
      return tokenizer.encode("ab").length >= 0;
    } catch (BadInputException e) {
      return false;
    }
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        GPT4,
        "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
        "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "\\p{N}{1,3}",
        "[一-龥぀-ゟ゠-ヿ]+",
        "[\\r\\n]",
        " {2,}",
        "\\s+$",
        "\\s?\\p{L}+",
        "\\s?[!-/:-~！-／：-～‘-‟　-。]+",
        "\\d{1,2}",
        "[0-9][0-9][0-9]"
      })
  void patternsOfWellKnownTokenizersAreSupported(String regex) {
    assertTrue(accepts(regex));
  }

  @Tag("slow")
  @Test
  void aLongRunOfSpacesIsRefusedWhereThePatternGoesBackOverIt() {
    String splitter =
        "{\"type\":\"Split\",\"pattern\":{\"Regex\":%s},\"behavior\":\"Isolated\",\"invert\":false}"
            .formatted(quoted(GPT4));
    try (Tokenizer tokenizer =
        open(TokenizerSeeds.of(MODEL.replace('\'', '"'), "null", splitter))) {
      assertEquals(0, tokenizer.encode(" ".repeat(1 << 22)).length);
      assertEquals(600_000, tokenizer.encode("ab \n".repeat(600_000)).length);
      assertRefused(
          ExitCode.BROKEN_INPUT,
          () -> tokenizer.encode(" ".repeat((1 << 22) + 1)),
          "a run of spaces or of letters of more than 4194304 characters");
    }
  }

  @Test
  void spacesAtTheEndOfLinesAreFewerStill() {
    String splitter =
        "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"\\\\s+$\"},\"behavior\":\"Isolated\",\"invert\":false}";
    try (Tokenizer tokenizer =
        open(TokenizerSeeds.of(MODEL.replace('\'', '"'), "null", splitter))) {
      assertEquals(1, tokenizer.encode("ab" + " ".repeat(1024)).length);
      assertRefused(
          ExitCode.BROKEN_INPUT,
          () -> tokenizer.encode("ab" + " ".repeat(1025)),
          "of more than 1024 characters");
    }
  }

  @Test
  void halfACharacterIsNoReasonToEnd() {
    assertArrayEquals(
        new int[] {0, 1}, ids(MODEL, "null", "{'type':'Whitespace'}", "a\ud800 \udc00b"));
  }
}
