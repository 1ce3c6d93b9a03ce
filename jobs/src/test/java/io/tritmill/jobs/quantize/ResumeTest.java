package io.tritmill.jobs.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.ChildProcess;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Killed at any moment and started again, a run goes on and ends in the same bytes. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class ResumeTest {
  /** Bands of a few hundredths of a second each: enough of them to be killed among. */
  private static final Sizes SIZES = new Sizes(64, 256, 700, 4, 4, 2);

  /** Seven matrices in each of four blocks; two norms in each, the last norm and the embedding. */
  private static final int BANDS = 7 * 4 + 2 * 4 + 2;

  @TempDir private static Path directory;

  private static Path model;
  private static Path recipe;
  private static SortedMap<String, byte[]> expected;

  @BeforeAll
  static void compressUndisturbed() throws IOException {
    model = directory.resolve("model");
    SafetensorsBuilder.writeLlama(model, SIZES, true, DType.BF16, 2);
    recipe = directory.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        """
        version: 1
        name: slow
        rules: [{match: "*", stages: [{ptqtp: {planes: 3, group: 100}}]}]
        """);
    Path output = directory.resolve("undisturbed");
    Invocation.of(arguments(output)).exits(0);
    expected = RunFiles.below(output.resolve("model"));
  }

  private static Object[] arguments(Path output) {
    return new Object[] {"compress", "--model", model, "--recipe", recipe, "--output", output};
  }

  private static void killWhen(Path output, BooleanSupplier moment)
      throws IOException, InterruptedException {
    ChildProcess child = ChildProcess.start(directory, arguments(output));
    while (!moment.getAsBoolean() && child.process().isAlive()) {
      Thread.sleep(2);
    }
    assertTrue(child.process().isAlive(), () -> "ended too early: " + read(child.err()));
    child.kill();
    assertFalse(Files.exists(output.resolve("_SUCCESS")));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static List<Path> in(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> !file.getFileName().toString().startsWith(".")).sorted().toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static List<Path> ledger(Path output) {
    return in(output.resolve("_work/ledger"));
  }

  /** Entries of the ledger: bands that are done. */
  private static List<JsonNode> entries(Path output) {
    List<JsonNode> entries = new ArrayList<>();
    ledger(output).forEach(file -> RunFiles.json(file).forEach(entries::add));
    return entries;
  }

  private static Invocation assertResumed(Path output, int bands) {
    Invocation resumed = Invocation.of(arguments(output)).exits(0);

    String said = "resuming: %d of %d bands are done already".formatted(bands, BANDS);
    assertEquals(bands > 0, resumed.err().contains(said), resumed.err());
    assertEquals(
        bands, RunFiles.table(output, "runs").getFirst().<Integer>getAs("resumed_tensors"));
    assertEndsAsExpected(output);
    return resumed;
  }

  private static void assertEndsAsExpected(Path output) {
    SortedMap<String, byte[]> found = RunFiles.below(output.resolve("model"));
    assertEquals(expected.keySet(), found.keySet());
    found.forEach((file, bytes) -> assertArrayEquals(expected.get(file), bytes, file));
    assertFalse(Files.exists(output.resolve("_work")));
    Invocation.of("verify", output).exits(0);
  }

  @Test
  void killedAgainAndAgainItEndsInTheSameBytes() throws IOException, InterruptedException {
    Path output = directory.resolve("killed");

    killWhen(output, () -> Files.exists(output.resolve("plan.json")));
    assertTrue(entries(output).size() < BANDS);

    killWhen(output, () -> !ledger(output).isEmpty());
    int first = entries(output).size();
    assertTrue(first > 0 && first < BANDS, "%d bands".formatted(first));

    killWhen(output, () -> entries(output).size() > first + 8);
    int second = entries(output).size();
    assertTrue(second > first + 8, "%d bands after %d".formatted(second, first));

    assertResumed(output, second);
  }

  @Test
  void killedWhileItAssemblesItComputesNothingAgain() throws IOException, InterruptedException {
    Path output = directory.resolve("killed late");

    killWhen(output, () -> Files.exists(output.resolve("model")));

    Invocation resumed = assertResumed(output, BANDS);
    assertFalse(resumed.err().contains(" bpw "), resumed.err());
  }

  /** What a crash of the machine, other than a kill, may leave behind. */
  @Test
  void spoiledPartsAndLedgersAreMadeAgainAndSaid() throws IOException, InterruptedException {
    Path output = directory.resolve("spoiled");
    killWhen(output, () -> Files.exists(output.resolve("model")));
    List<Path> parts = in(output.resolve("_work/parts"));
    Files.delete(parts.get(0));
    Files.write(parts.get(1), new byte[7]);
    Files.write(parts.get(2), new byte[(int) Files.size(parts.get(2))]);
    Files.write(parts.get(3), new byte[1], StandardOpenOption.APPEND);
    Path spoiledLedger = ledger(output).getLast();
    int lost = RunFiles.json(spoiledLedger).size();
    List<String> lostParts = new ArrayList<>();
    RunFiles.json(spoiledLedger).forEach(entry -> lostParts.add(entry.get("part").asText()));
    Files.write(spoiledLedger, new byte[100]);

    Invocation resumed = Invocation.of(arguments(output)).exits(0);

    int twice =
        (int)
            parts.subList(0, 4).stream()
                .filter(part -> lostParts.contains(part.getFileName().toString()))
                .count();
    int done = BANDS - lost - 4 + twice;
    assertTrue(
        resumed.err().contains("resuming: %d of %d bands".formatted(done, BANDS)), resumed.err());
    assertTrue(resumed.err().contains("; its layers are done again"), resumed.err());
    assertEquals(
        4 - twice,
        resumed.err().lines().filter(line -> line.endsWith("; it is made again")).count());
    assertEndsAsExpected(output);
  }

  @Test
  void requireGoesOnAndNeverDoesNot() throws IOException {
    Path output = directory.resolve("modes");
    Files.createDirectories(output);
    Files.copy(directory.resolve("undisturbed/plan.json"), output.resolve("plan.json"));
    Object[] never =
        Stream.concat(Stream.of(arguments(output)), Stream.of("--resume", "never")).toArray();
    Object[] require =
        Stream.concat(Stream.of(arguments(output)), Stream.of("--resume", "require")).toArray();

    Invocation.of(never).exits(6);
    Invocation.of(require).exits(0);

    assertEndsAsExpected(output);
  }
}
