package io.tritmill.jobs.tokenizer;

import static io.tritmill.jobs.data.DataFixture.STORAGE;
import static io.tritmill.jobs.data.DataFixture.TOKENIZER;
import static io.tritmill.jobs.data.DataFixture.assertRefused;
import static io.tritmill.jobs.data.DataFixture.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.tritmill.jobs.failure.ExitCode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {
  @TempDir Path folder;

  private Tokenizer tokenizer(String json) throws IOException {
    write(folder.resolve("tokenizer.json"), json);
    return open();
  }

  private Tokenizer open() {
    return Tokenizer.open(STORAGE, STORAGE.path(folder.toString()));
  }

  @ParameterizedTest
  @CsvSource({
    "abc, 4 3",
    "<s>a, 5 6 7 1",
    "<end>, 5 8 9 10 7",
    "abba, 1 13 1",
    "cbbc, 3 13 3",
    "'', ''",
    "abcabcabcabc, 4 3 4 3 4 3 4 3"
  })
  void textIsPlainAndNothingIsCutOrAdded(String text, String ids) throws IOException {
    int[] expected =
        ids.isEmpty()
            ? new int[0]
            : Arrays.stream(ids.split(" ")).mapToInt(Integer::parseInt).toArray();
    try (Tokenizer tokenizer = tokenizer(TOKENIZER)) {
      assertArrayEquals(expected, tokenizer.encode(text));
    }
  }

  @Test
  void aMillionCharactersAreOneString() throws IOException {
    try (Tokenizer tokenizer = tokenizer(TOKENIZER)) {
      int[] ids = tokenizer.encode("abc".repeat(350_000));
      assertArrayEquals(IntStream.range(0, 700_000).map(i -> 4 - i % 2).toArray(), ids);
    }
  }

  @Test
  void aMissingFileIsNamed() {
    assertRefused(ExitCode.BROKEN_INPUT, this::open, "has no tokenizer.json", "save_pretrained");
  }

  @Test
  void aHugeFileIsNotRead() throws IOException {
    try (RandomAccessFile file =
        new RandomAccessFile(folder.resolve("tokenizer.json").toFile(), "rw")) {
      file.setLength((64L << 20) + 1);
    }
    assertRefused(ExitCode.BROKEN_INPUT, this::open, "tokenizer.json", "67108865 bytes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"model\":{}}",
        "{\"model\":{\"vocab\":7}}",
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0}}}",
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"a b\"]}}",
        "{\"model\":{\"type\":\"Unigram\",\"unk_id\":5,\"vocab\":[[\"a\",0.0]]}}",
        "{\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"a\",0.0],[\"a\",0.0]]}}",
        "{\"version\":\"2.0\",\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[]}}"
      })
  void brokenFilesAreRefused(String json) {
    assertRefused(
        ExitCode.BROKEN_INPUT, () -> tokenizer(json).close(), "tokenizer.json: is no usable");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"a\":1},\"merges\":[]}}",
        "{\"model\":{}} {}"
      })
  void whatIsNoSoundJsonIsRefused(String json) {
    assertRefused(
        ExitCode.BROKEN_INPUT,
        () -> tokenizer(json).close(),
        "tokenizer.json: the file is not sound JSON");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"b\": 2,           | \"b\": 1,               | gives id 1 to two tokens",
        "\"b\": 2,           | \"b\": -2,              | gives id -2 to the token b",
        "\"b\": 2,           | \"b\": 4294967298,      | gives id 4294967298 to the token b",
        "\"b\": 2,           | \"b\": \"2\",           | gives id \"2\" to the token b",
        "{\"id\": 13,        | {\"id\": 15,            | gives id 15 to the added token bb, expected 13",
        "\"content\": \"bb\" | \"content\": 5          | an added token without content"
      })
  void idsThatCannotBeAreRefused(String right, String wrong, String problem) {
    assertRefused(
        ExitCode.BROKEN_INPUT, () -> tokenizer(TOKENIZER.replace(right, wrong)).close(), problem);
  }

  @Test
  void everyPrefixIsRefused() {
    String json = TOKENIZER.strip();
    for (int length = 0; length < json.length(); length += 17) {
      String prefix = json.substring(0, length);
      assertRefused(ExitCode.BROKEN_INPUT, () -> tokenizer(prefix).close(), "tokenizer.json");
    }
  }
}
