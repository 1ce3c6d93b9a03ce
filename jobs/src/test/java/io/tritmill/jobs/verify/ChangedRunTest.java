package io.tritmill.jobs.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.FullDisk;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * One byte or one number changed in any file of a run: of a complete one it is found, of an
 * unfinished one it is found or derived again.
 */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class ChangedRunTest {
  private static final long SEED = 20;
  private static final Pattern NUMBER = Pattern.compile("(?<=[:\\[,] ?)-?\\d+(\\.\\d+)?");

  /** What another attempt may have other values of. */
  private static final Pattern OF_THE_ATTEMPT =
      Pattern.compile(".*_ms|executor_id|task_attempt_id|finished_at|.*_rss_bytes");

  @TempDir private static Path made;
  private static Path model;
  private static Path complete;
  private static Path unfinished;

  private final Random random = new Random(SEED);

  @BeforeAll
  static void compress() throws IOException {
    model = made.resolve("model");
    SafetensorsBuilder.writeLlama(model, SafetensorsBuilder.Sizes.TINY, true, DType.F32, 1);
    Files.writeString(
        made.resolve("recipe.yaml"),
        """
        version: 1
        name: small
        rules: [{match: "*", stages: [{ptqtp: {planes: 2, group: 8}}]}]
        gate: {max_weight_error: 1}
        """);
    Files.writeString(made.resolve("data.jsonl"), "{\"input_ids\": [1, 2, 3, 4, 5, 6, 7]}\n");
    complete = made.resolve("complete/run");
    Files.createDirectories(complete.getParent());
    Invocation.of(arguments(complete)).exits(0);
    // All layers are done; the run ends where it would write its summary.
    Path full = made.resolve("unfinished/run");
    Configuration configuration = SharedSpark.session().sparkContext().hadoopConfiguration();
    FullDisk.configure(configuration, ".*summary.json.*");
    try {
      Invocation.of(arguments(FullDisk.path(full))).exits(6);
    } finally {
      FullDisk.forget(configuration);
    }
    unfinished = full;
    Files.deleteIfExists(unfinished.resolve("_LOCK"));
  }

  private static Object[] arguments(Object output) {
    return new Object[] {
      "compress", "--model", model, "--recipe", made.resolve("recipe.yaml"), "--output", output
    };
  }

  /** Changes a byte, or a digit of a number of a file of JSON; says which. */
  private String change(Path file, boolean number) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int at = random.nextInt(bytes.length);
    if (number) {
      List<MatchResult> numbers =
          NUMBER.matcher(new String(bytes, StandardCharsets.ISO_8859_1)).results().toList();
      MatchResult one = numbers.get(random.nextInt(numbers.size()));
      at = one.end() - 1;
      bytes[at] = (byte) (bytes[at] == '9' ? '1' : bytes[at] + 1);
    } else {
      bytes[at] ^= (byte) (1 << random.nextInt(8));
    }
    Files.write(file, bytes);
    return "seed %d: %s, byte %d is now %d".formatted(SEED, file, at, bytes[at]);
  }

  private static List<String> changeable(Path run) {
    return RunFiles.below(run).entrySet().stream()
        .filter(file -> file.getValue().length > 0 && !file.getKey().contains("/."))
        .map(file -> file.getKey())
        .toList();
  }

  private static boolean hasNumbers(String file) {
    return file.endsWith(".json") && !file.endsWith("config.json") && !file.equals("gate.json");
  }

  @Test
  void ofACompleteRunItIsFound(@TempDir Path directory) throws IOException {
    Path evaluated = directory.resolve("run");
    RunFiles.copy(complete, evaluated);
    Invocation.of(
            "evaluate", evaluated, "--dataset", made.resolve("data.jsonl"), "--baseline", model)
        .exits(0);
    List<String> files = changeable(evaluated);
    assertTrue(files.size() > 9, files.toString());
    for (String name : files) {
      Path file = evaluated.resolve(name);
      byte[] intact = Files.readAllBytes(file);
      for (int i = 0; i < 2; i++) {
        String changed = change(file, i == 1 && hasNumbers(name));
        for (String command : List.of("verify", "gate")) {
          boolean unread = command.equals("gate") && name.startsWith("model/");
          Invocation found = Invocation.of(command, evaluated);
          assertEquals(unread ? 0 : 7, found.exitCode(), () -> changed + found.err());
        }
        Files.write(file, intact);
      }
    }
    Invocation.of("verify", evaluated).exits(0);
  }

  @Test
  void ofAnUnfinishedRunItIsFoundOrDerivedAgain(@TempDir Path directory) throws IOException {
    List<String> cases = new ArrayList<>();
    for (String name : changeable(unfinished)) {
      // Parts are many and alike, and each is looked at in the same way.
      boolean other = name.contains("/parts/") && random.nextInt(4) > 0;
      int times = name.contains("/ledger/") ? 4 : other ? 0 : 1;
      cases.addAll(Collections.nCopies(times, name));
    }
    assertTrue(cases.stream().anyMatch(name -> name.contains("/ledger/")), cases.toString());
    assertTrue(cases.stream().anyMatch(name -> name.contains("/parts/")), cases.toString());
    int finished = 0;
    for (int i = 0; i < cases.size(); i++) {
      Path run = directory.resolve(i + "/run");
      Files.createDirectories(run.getParent());
      RunFiles.copy(unfinished, run);
      String name = cases.get(i);
      String changed = change(run.resolve(name), random.nextBoolean() && hasNumbers(name));

      Invocation resumed = Invocation.of(arguments(run));

      if (resumed.exitCode() == 0) {
        assertSame(changed, run);
        finished++;
      } else {
        assertTrue(List.of(4, 6, 7).contains(resumed.exitCode()), changed + resumed.err());
        assertTrue(resumed.err().contains(run.toString()), changed + resumed.err());
      }
    }
    assertTrue(finished > cases.size() / 2, "%d of %d".formatted(finished, cases.size()));
  }

  private static void assertSame(String changed, Path run) {
    SortedMap<String, byte[]> expected = RunFiles.below(complete.resolve("model"));
    SortedMap<String, byte[]> found = RunFiles.below(run.resolve("model"));
    assertEquals(expected.keySet(), found.keySet(), changed);
    found.forEach((file, bytes) -> assertArrayEquals(expected.get(file), bytes, changed));
    assertEquals(numbers(complete), numbers(run), changed);
    for (String number : List.of("relative_error", "bits_per_weight", "worst_layers")) {
      assertEquals(
          RunFiles.json(complete.resolve("summary.json")).get(number),
          RunFiles.json(run.resolve("summary.json")).get(number),
          changed);
    }
    assertFalse(Files.exists(run.resolve("_work")), changed);
    Invocation.of("verify", run, "--layers", 100).exits(0);
  }

  private static List<String> numbers(Path run) {
    List<Row> rows = RunFiles.table(run, "layers");
    List<String> columns =
        Stream.of(rows.getFirst().schema().fieldNames())
            .filter(name -> !OF_THE_ATTEMPT.matcher(name).matches())
            .toList();
    return rows.stream()
        .map(row -> columns.stream().map(name -> name + "=" + row.getAs(name)).toList().toString())
        .toList();
  }
}
