package io.tritmill.jobs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.function.Executable;

/** What tests of data and tokenizers share: files, documents as lists, and how failures look. */
public final class DataFixture {
  public static final Storage STORAGE = new Storage(new Configuration());

  /**
   * Letters a to c as bytes of a BPE with one merge; specials inside and outside the vocabulary.
   */
  public static final String TOKENIZER =
      """
      {"version": "1.0",
       "truncation": {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0},
       "padding": {"strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": null,
                   "pad_id": 0, "pad_type_id": 0, "pad_token": "<s>"},
       "added_tokens": [
         {"id": 0, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false,
          "normalized": false, "special": true},
         {"id": 12, "content": "<end>", "single_word": false, "lstrip": false, "rstrip": false,
          "normalized": false, "special": true},
         {"id": 13, "content": "bb", "single_word": false, "lstrip": false, "rstrip": false,
          "normalized": false, "special": false}],
       "normalizer": null,
       "pre_tokenizer": null,
       "post_processor": {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
         "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
         "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}}},
       "decoder": {"type": "Fuse"},
       "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
         "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
         "vocab": {"<s>": 0, "a": 1, "b": 2, "c": 3, "ab": 4, "<": 5, "s": 6, ">": 7, "e": 8, "n": 9,
                   "d": 10, "\\n": 11},
         "merges": [["a", "b"]]}}
      """;

  private DataFixture() {}

  /** A file or folder outside the repository; the test is skipped where it is missing. */
  static Path shared(String name) {
    String root = System.getProperty("tritmill.shared");
    assumeTrue(root != null && Files.exists(Path.of(root, name)), name + " is not here");
    return Path.of(root, name);
  }

  /** A copy of a file that is kept beside the tests. */
  static Path resource(String name, Path folder) throws IOException {
    try (InputStream in = DataFixture.class.getResourceAsStream(name)) {
      Path copy = folder.resolve(name);
      Files.copy(in, copy);
      return copy;
    }
  }

  static Documents open(Path path) {
    return open(path, Documents.Selection.DEFAULT);
  }

  static Documents open(Path path, Documents.Selection selection) {
    return Documents.open(STORAGE, STORAGE.path(path.toString()), selection);
  }

  static Documents.Selection split(String name) {
    return new Documents.Selection(Optional.of(name), Optional.empty());
  }

  static Documents.Selection column(String name) {
    return new Documents.Selection(Optional.empty(), Optional.of(name));
  }

  static List<Document> all(Documents documents) {
    List<Document> all = new ArrayList<>();
    try (DocumentReader reader = documents.read()) {
      for (Optional<Document> next = reader.next(); next.isPresent(); next = reader.next()) {
        all.add(next.get());
      }
    }
    return all;
  }

  static List<String> texts(Documents documents) {
    return all(documents).stream().map(document -> ((Document.Text) document).text()).toList();
  }

  static List<List<Integer>> tokens(Documents documents) {
    return all(documents).stream()
        .map(document -> Arrays.stream(((Document.Tokens) document).ids()).boxed())
        .map(Stream::toList)
        .toList();
  }

  public static Path write(Path file, String content) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  /** Expects one sentence about bad input that holds all the parts. */
  public static void assertRefused(ExitCode code, Executable action, String... parts) {
    BadInputException refusal = assertThrows(BadInputException.class, action);
    String message = refusal.getMessage();
    assertEquals(code, refusal.exitCode(), message);
    assertFalse(message.contains("\n"), message);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }
}
