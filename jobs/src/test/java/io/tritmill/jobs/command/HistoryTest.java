package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Spark's event log tells of a run whose driver has gone. */
@Tag("slow")
class HistoryTest {
  private static final Pattern BLOCK = Pattern.compile("\\[\\d+/2] block (\\d+): .*");

  @TempDir private Path directory;

  @Test
  void everyJobIsDescribedAndBlocksHaveTheirTimes() throws IOException, InterruptedException {
    TinyModel tiny = TinyModel.in(directory);
    tiny.recipe(
        """
        calibration: {samples: 4, sequence_length: 16, held_out: 0}
        rules: [{match: "*", stages: [{gptq: {}}, {twn: {group: row}}]}]""");
    Path log = Files.createDirectory(directory.resolve("log"));
    List<String> options =
        List.of(
            "-Dspark.eventLog.enabled=true",
            "-Dspark.eventLog.compress=false",
            "-Dspark.eventLog.dir=" + log.toUri());
    Path data = directory.resolve("data.jsonl");
    ChildProcess.startWith(directory, options, tiny.compress("--calibration", data)).end().exits(0);

    Map<Integer, Long> millis = new TreeMap<>();
    Map<Integer, Integer> solved = new TreeMap<>();
    Map<Integer, JsonNode> open = new TreeMap<>();
    for (JsonNode event : events(log)) {
      switch (event.get("Event").asText()) {
        case "SparkListenerJobStart" -> open.put(event.get("Job ID").asInt(), event);
        case "SparkListenerJobEnd" -> {
          JsonNode start = open.remove(event.get("Job ID").asInt());
          String description = start.get("Properties").path("spark.job.description").asText();
          assertTrue(description.length() > 5, () -> "no description: " + start);
          Matcher block = BLOCK.matcher(description);
          if (block.matches()) {
            int number = Integer.parseInt(block.group(1));
            long took =
                event.get("Completion Time").asLong() - start.get("Submission Time").asLong();
            millis.merge(number, took, Long::sum);
            solved.merge(number, description.contains("solve") ? 1 : 0, Integer::sum);
          }
        }
        default -> {}
      }
    }

    assertTrue(open.isEmpty(), () -> "without an end: " + open);
    assertEquals(Map.of(0, 4, 1, 4), solved);
    assertTrue(millis.values().stream().allMatch(took -> took > 0), millis::toString);
  }

  private static List<JsonNode> events(Path log) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<JsonNode> events = new ArrayList<>();
    try (Stream<Path> files = Files.walk(log)) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("events")).toList()) {
        for (String line : Files.readAllLines(file)) {
          events.add(mapper.readTree(line));
        }
      }
    }
    assertTrue(!events.isEmpty(), "no events in " + log);
    return events;
  }
}
