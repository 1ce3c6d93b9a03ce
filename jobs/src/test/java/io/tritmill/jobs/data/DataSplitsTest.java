package io.tritmill.jobs.data;

import static io.tritmill.jobs.data.DataFixture.assertRefused;
import static io.tritmill.jobs.data.DataFixture.open;
import static io.tritmill.jobs.data.DataFixture.split;
import static io.tritmill.jobs.data.DataFixture.texts;
import static io.tritmill.jobs.data.DataFixture.write;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.jobs.failure.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders whose names tell of splits, as {@code datasets.load_dataset} reads them. */
class DataSplitsTest {
  @TempDir Path folder;

  /** A file for each name, with its name as its text. */
  private void files(String... names) throws IOException {
    for (String name : names) {
      write(folder.resolve(name), "{\"text\":\"%s\"}".formatted(name));
    }
    write(folder.resolve("README.md"), "# data");
    write(folder.resolve(".gitattributes"), "");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train-00000-of-00001.jsonl validation-00000-of-00001.jsonl test-00000-of-00001.jsonl",
        "data/train-00000-of-00001.jsonl data/validation-00000-of-00001.jsonl"
            + " data/test-00000-of-00001.jsonl",
        "train.jsonl valid.jsonl test.jsonl",
        "wiki_train.jsonl wiki.dev.jsonl wiki-eval.jsonl",
        "train/a.jsonl validation/a.jsonl test/a.jsonl",
        "x/training/a.jsonl x/val/a.jsonl x/testing/a.jsonl"
      })
  void splitsAreChosenAsOfADatasetDict(String names) throws IOException {
    String[] each = names.split(" ");
    files(each);
    assertEquals(List.of(each[2]), texts(open(folder)));
    assertEquals(List.of(each[0]), texts(open(folder, Documents.Selection.LEARNING)));
    assertEquals(List.of(each[0]), texts(open(folder, split("train"))));
    assertEquals(List.of(each[1]), texts(open(folder, split("validation"))));
    assertEquals(List.of(each[2]), texts(open(folder, split("test"))));
    assertRefused(ExitCode.USAGE, () -> open(folder, split("dev")), "has no split dev, only [");
  }

  @Test
  void withoutTestValidationIsTaken() throws IOException {
    files("train.jsonl", "dev.jsonl");
    assertEquals(List.of("dev.jsonl"), texts(open(folder)));
  }

  @Test
  void methodsDoNotLearnFromTheTest() throws IOException {
    files("validation.jsonl", "test.jsonl");
    assertEquals(List.of("validation.jsonl"), texts(open(folder, Documents.Selection.LEARNING)));
  }

  @Test
  void shardsOfASplitAreReadInOrder() throws IOException {
    files("train-00001-of-00002.jsonl", "train-00000-of-00002.jsonl", "notes.jsonl");
    assertEquals(
        List.of("train-00000-of-00002.jsonl", "train-00001-of-00002.jsonl"), texts(open(folder)));
  }

  @Test
  void splitsOfAnyNameAreShards() throws IOException {
    files("data/a-00000-of-00001.jsonl", "data/b-00000-of-00001.jsonl");
    assertEquals(List.of("data/b-00000-of-00001.jsonl"), texts(open(folder, split("b"))));
    assertRefused(ExitCode.USAGE, () -> open(folder), "choose one of the splits [a, b]");
  }

  @ParameterizedTest
  @CsvSource({"contest.jsonl, latest.jsonl", "part-0.jsonl, part-1.jsonl", "a.jsonl, devil.jsonl"})
  void otherNamesTellOfNoSplit(String first, String second) throws IOException {
    files(first, second);
    assertEquals(List.of(first, second), texts(open(folder)));
    assertRefused(ExitCode.USAGE, () -> open(folder, split("test")), "has no splits");
  }

  @Test
  void dataSetsSideBySideAreNotMixed() throws IOException {
    files("wiki-2/test-00000-of-00001.jsonl", "wiki-103/test-00000-of-00001.jsonl");
    assertRefused(
        ExitCode.USAGE, () -> open(folder), "lie in 2 folders (wiki-103, wiki-2)", "name one");
  }
}
