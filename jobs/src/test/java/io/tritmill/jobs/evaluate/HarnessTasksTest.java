package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.foreign.ForeignPrograms;
import io.tritmill.jobs.foreign.PackagedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What models answer is what lm-evaluation-harness finds that they answer. */
@Tag("foreign")
@ExtendWith(SharedSpark.class)
class HarnessTasksTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final Path EVERYDAY = ROOT.resolve("examples/demo-tasks/everyday.jsonl");
  private static final Path DEMO = ROOT.resolve("examples/demo-6m");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double TOLERANCE = 1e-3;
  private static final int ALL = 1000;

  @RegisterExtension
  private static final ForeignPrograms HARNESS = ForeignPrograms.of("transformers");

  @TempDir private Path directory;

  private void assertSameAnswers(Path model, Path file, int limit)
      throws IOException, InterruptedException {
    Invocation run =
        HARNESS
            .run(directory, "python", ROOT.resolve("foreign/harness.py"), model, file, limit)
            .exits(0);
    JsonNode there = JSON.readTree(run.lastLine());
    String task = file.getFileName().toString().replace(".jsonl", "");
    Path samples = directory.resolve("samples");
    JsonNode here =
        Invocation.of(
                "evaluate",
                model,
                "--tasks",
                file,
                "--limit",
                limit,
                "--samples",
                samples,
                "--format",
                "json")
            .exits(0)
            .json();
    JsonNode answers = there.get("samples");
    List<String> lines = Files.readAllLines(samples.resolve("samples_" + task + ".jsonl"));
    assertEquals(answers.size(), lines.size());
    double worst = 0;
    for (int q = 0; q < lines.size(); q++) {
      JsonNode own = JSON.readTree(lines.get(q));
      JsonNode other = answers.get(q);
      assertEquals(q, other.get("doc_id").intValue());
      for (int choice = 0; choice < other.get("filtered_resps").size(); choice++) {
        JsonNode expected = other.get("filtered_resps").get(choice);
        JsonNode found = own.get("filtered_resps").get(choice);
        double difference = Math.abs(expected.get(0).asDouble() - found.get(0).asDouble());
        worst = Math.max(worst, difference);
        assertTrue(difference <= TOLERANCE, "question " + q + ": " + expected + ", " + found);
        assertEquals(expected.get(1).asBoolean(), found.get(1).asBoolean());
      }
      assertEquals(other.get("acc").asDouble(), own.get("acc").asDouble());
      assertEquals(other.get("acc_norm").asDouble(), own.get("acc_norm").asDouble());
    }
    JsonNode results = there.get("results").get(task);
    System.out.printf("%s: difference %.2e at most, %s%n", task, worst, results);
    for (String key :
        List.of("acc,none", "acc_stderr,none", "acc_norm,none", "acc_norm_stderr,none")) {
      assertEquals(
          results.get(key).doubleValue(),
          here.get("results").get(task).get(key).doubleValue(),
          1e-12);
    }
    assertEquals(there.get("n-samples"), here.get("n-samples"));
  }

  @Test
  void theBundledModel() throws IOException, InterruptedException {
    assertSameAnswers(DEMO, EVERYDAY, ALL);
  }

  @Test
  void unusualQuestions() throws IOException, InterruptedException {
    StringBuilder lines = new StringBuilder();
    String[] contexts = {
      "",
      "The film was ",
      "The film was\\n\\n",
      "Question: is it good?\\nAnswer:",
      "<s>The film was",
      "caf\\u00e9 \\u00a0",
      "The film was </s> and",
      "word ".repeat(1200).strip()
    };
    for (String context : contexts) {
      lines.append(
          "{\"context\":\"%s\",\"choices\":[\"A\",\"B\",\"C\",\"D\"],\"answer\":2}\n"
              .formatted(context));
      lines.append(
          "{\"context\":\"%s\",\"choices\":[\"good\",\" \\u00fcber \\ud83d\\ude00\",\"not good at"
                  .formatted(context)
              + " all, \\nI think\",\"<s> no\"],\"answer\":0}\n");
    }
    Path file = Files.writeString(directory.resolve("unusual.jsonl"), lines);
    assertSameAnswers(DEMO, file, ALL);
  }

  @Test
  void aRealModel() throws IOException, InterruptedException {
    assertSameAnswers(PackagedModel.SMOLLM2.file(HARNESS, directory), EVERYDAY, 6);
  }
}
