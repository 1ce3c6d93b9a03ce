package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Questions with several answers, through the command line. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class AnswersTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final Path DEMO = ROOT.resolve("examples/demo-6m");
  private static final Path EVERYDAY = ROOT.resolve("examples/demo-tasks/everyday.jsonl");

  @TempDir private Path directory;

  private Path questions(String name, String... lines) throws IOException {
    return Files.writeString(directory.resolve(name), String.join("\n", lines));
  }

  @Test
  void answersOfARunStandBesideItsPerplexity() throws IOException {
    Path recipe = directory.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        "version: 1\nname: rows\nrules: [{match: \"*\", stages: [{int: {bits: 8, group: row}}]}]");
    Path run = directory.resolve("run");
    Invocation.of("compress", "--model", DEMO, "--recipe", recipe, "--output", run).exits(0);
    Path text =
        Files.writeString(directory.resolve("text.txt"), "Once upon a time there was a dog.");
    Invocation.of("evaluate", run, "--dataset", text).exits(0);

    Path samples = directory.resolve("samples");
    JsonNode found =
        Invocation.of(
                "evaluate",
                run,
                "--tasks",
                EVERYDAY,
                "--limit",
                6,
                "--baseline",
                DEMO,
                "--samples",
                samples,
                "--format",
                "json")
            .exits(0)
            .json();

    assertFalse(found.has("perplexity"));
    JsonNode numbers = found.get("results").get("everyday");
    assertEquals(6, numbers.get("sample_len").intValue());
    assertEquals(42, found.get("n-samples").get("everyday").get("original").intValue());
    // So little is rounded that the answers are those of the model before.
    assertEquals(numbers, found.get("baseline").get("results").get("everyday"));
    List<String> lines = Files.readAllLines(samples.resolve("samples_everyday.jsonl"));
    assertEquals(6, lines.size());
    long right = 0;
    for (String line : lines) {
      right += new ObjectMapper().readTree(line).get("acc").intValue();
    }
    assertEquals(right / 6.0, numbers.get("acc,none").doubleValue());
    var rows = RunFiles.table(run, "eval");
    assertEquals(
        Set.of("perplexity perplexity", "everyday acc", "everyday acc_norm"),
        rows.stream()
            .map(row -> row.getAs("task") + " " + row.getAs("metric"))
            .collect(Collectors.toSet()));
    Invocation.of("evaluate", run, "--dataset", text).exits(0);
    assertEquals(3, RunFiles.table(run, "eval").size());
    Invocation.of("verify", run).exits(0);
  }

  @Test
  void whatPeopleRead() throws IOException {
    Path more =
        questions(
            "more.jsonl",
            "{\"context\":\"The dog\",\"choices\":[\"barked\",\"read\"],\"answer\":0}");
    String text =
        Invocation.of("evaluate", DEMO, "--tasks", EVERYDAY + "," + more, "--limit", 2)
            .exits(0)
            .out();
    assertEquals(5, text.lines().count(), text);
    assertTrue(text.startsWith("task      questions  metric"), text);
    assertTrue(text.contains("everyday          2  acc_norm"), text);
    assertTrue(text.contains("more              1  acc "), text);
  }

  @Test
  void aChoiceThatDoesNotFitTheModelIsRefused() throws IOException {
    Path file =
        questions(
            "long.jsonl",
            "{\"context\":\"a\",\"choices\":[\"b\",\"%s\"],\"answer\":0}"
                .formatted("no ".repeat(2000)));
    String said =
        Invocation.of("evaluate", DEMO, "--tasks", file).exits(4).err().lines().toList().getLast();
    assertTrue(
        said.matches(
            ".*long.jsonl: choice 1 of question 0 \\(both counted from 0\\): has [0-9]+ tokens, but"
                + " the model was made for 1024 positions; leave the question out"),
        said);
  }

  @Test
  void aContextThatDoesNotFitTheModelLosesItsBeginning() throws IOException {
    Path file =
        questions(
            "long.jsonl",
            "{\"context\":\"%s\",\"choices\":[\"b\",\"c\"],\"answer\":0}"
                .formatted("no ".repeat(2000)));
    String said = Invocation.of("evaluate", DEMO, "--tasks", file).exits(0).err();
    assertTrue(said.contains("1 of 1 questions are longer than the 1024 positions"), said);
  }

  @Test
  void whatMakesNoSenseIsRefusedBeforeTheWork() throws IOException {
    refused(2, "nothing to measure; give --dataset for perplexity, or --tasks");
    refused(2, "is 0, expected 1 or more", "--tasks", EVERYDAY, "--limit", 0);
    refused(2, "--samples is for answers", "--dataset", EVERYDAY, "--samples", directory);
    refused(2, "second task that is called everyday", "--tasks", EVERYDAY + "," + EVERYDAY);
    refused(4, "everyday.json", "--tasks", directory.resolve("everyday.json"));
    Files.writeString(directory.resolve("samples_everyday.jsonl"), "");
    refused(6, "is there already", "--tasks", EVERYDAY, "--samples", directory);
  }

  private static void refused(int code, String expected, Object... options) {
    Object[] line = new Object[options.length + 2];
    line[0] = "evaluate";
    line[1] = DEMO;
    System.arraycopy(options, 0, line, 2, options.length);
    String said = Invocation.of(line).exits(code).err().lines().toList().getLast();
    assertTrue(said.contains(expected), said);
  }
}
