package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunLock;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No command that writes a manifest vouches for what was changed since the one before. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class SealTest {
  @TempDir private static Path complete;
  private static TinyModel made;

  @TempDir private Path directory;
  private Path run;

  @BeforeAll
  static void compressAndEvaluate() {
    made = TinyModel.in(complete);
    made.recipe(
        "rules: [{match: \"*\", stages: [{twn: {group: row}}]}]\ngate: {max_weight_error: 2}");
    Invocation.of(made.compress()).exits(0);
    evaluate(made.output(), "--baseline", made.model()).exits(0);
  }

  @BeforeEach
  void copy() {
    run = directory.resolve("run");
    RunFiles.copy(made.output(), run);
  }

  private static Invocation evaluate(Path run, Object... more) {
    Object[] arguments = made.evaluate(more);
    arguments[1] = run;
    return Invocation.of(arguments);
  }

  private Path empty() throws IOException {
    return Files.createDirectories(directory.resolve("accepted"));
  }

  private void change(String file, String from, String to) throws IOException {
    Path path = run.resolve(file);
    String text = Files.readString(path);
    String changed = text.replaceFirst(from, to);
    assertFalse(text.equals(changed), text);
    Files.writeString(path, changed);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "summary.json, `\"relative_error\" : 0.`, `\"relative_error\" : 0.0`",
        "summary.json, `\"perplexity_ratio\" : `, `\"perplexity_ratio\" : 0`",
        "summary.json, `\"bits_per_weight\" : [0-9.]+`, `\"bits_per_weight\" : 1.23`",
        "gate.json, `\"limit\" : 2.0`, `\"limit\" : 3.0`",
        "recipe.yaml, `max_weight_error: 2`, `max_weight_error: 3`",
        "plan.json, `\"recipe\"`, `\"recipf\"`",
        "model/config.json, hidden_size, hidden_sizf",
      })
  void aChangedFileIsNamedAndNotSealed(String file, String from, String to) throws IOException {
    change(file, from, to);
    if (file.startsWith("model/")) {
      // As long as before: the gate does not read the model, whose old checksum stays.
      Invocation.of("gate", run, "--accepted", empty()).exits(0);
    } else {
      assertNamed(file, Invocation.of("gate", run, "--accepted", empty()));
    }
    assertNamed(file, evaluate(run));
    Invocation.of("verify", run).exits(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reports/eval/part-00000.parquet", "reports/layers/part-00000.parquet"})
  void aChangedTableIsNamedAndNotSealed(String file) throws IOException {
    byte[] bytes = Files.readAllBytes(run.resolve(file));
    bytes[bytes.length / 2] ^= 4;
    Files.write(run.resolve(file), bytes);

    assertNamed(file, Invocation.of("gate", run));
    assertNamed(file, evaluate(run));
    Invocation.of("verify", run).exits(7);
  }

  @Test
  void aFileThatSomebodyPutThereIsNotSealed() throws IOException {
    Files.writeString(run.resolve("model/extra.bin"), "x");

    assertNamed("model/extra.bin", Invocation.of("gate", run));
    assertNamed("model/extra.bin", evaluate(run));
  }

  @Test
  void aWeightThatWasChangedIsNotMeasured() throws IOException {
    Path weights = run.resolve("model/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);

    Invocation refused = evaluate(run).exits(7);

    assertEquals("", refused.out());
    assertTrue(refused.err().contains("model.safetensors: has SHA-256"), refused.err());
  }

  @Test
  void anAcceptedRunThatWasChangedIsNotComparedWith() throws IOException {
    Path runs = Files.createDirectories(directory.resolve("runs"));
    Path accepted = Files.move(run, runs.resolve("accepted"));
    copy();
    Path summary = accepted.resolve("summary.json");
    Files.writeString(
        summary, Files.readString(summary).replace("\"perplexity\" : ", "\"perplexity\" : 9"));

    for (Path place : List.of(accepted, runs)) {
      Invocation refused = Invocation.of("gate", run, "--accepted", place).exits(7);
      assertTrue(refused.err().contains("accepted/summary.json: has "), refused.err());
    }
  }

  /** Killed after it has taken the mark away, a command leaves what vouches for the rest. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "summary.json, `\"relative_error\" : 0.`, `\"relative_error\" : 0.0`",
        "MANIFEST.json, `\"model\" : \"file:/`, `\"model\" : \"file:/x`",
        "recipe.yaml, `max_weight_error: 2`, `max_weight_error: 3`"
      })
  void whileTheMarkIsAwayAChangeIsFoundToo(String file, String from, String to) throws IOException {
    unsealed();
    evaluate(run).exits(0);
    Invocation.of("verify", run).exits(0);
    assertFalse(Files.exists(run.resolve("_work")));

    unsealed();
    change(file, from, to);
    assertNamed(file, evaluate(run));
    assertFalse(Files.exists(run.resolve("_SUCCESS")));
  }

  private void unsealed() {
    Storage storage = SharedSpark.storage();
    io.tritmill.jobs.run.SealedRun.open(storage, RunDirectory.at(storage.path(run.toString())))
        .unseal();
    assertFalse(Files.exists(run.resolve("_SUCCESS")));
  }

  @Test
  void aSecondEvaluationIsToldBeforeItMeasures() {
    Storage storage = SharedSpark.storage();
    RunDirectory held = RunDirectory.at(storage.path(run.toString()));
    try (RunLock lock = RunLock.acquire(storage, held, "app-1", remark -> {})) {
      Invocation refused = evaluate(run).exits(6);

      assertEquals("", refused.out());
      assertTrue(refused.err().contains("application app-1"), refused.err());
      assertTrue(refused.err().contains("wait until it has ended"), refused.err());
      lock.require();
    }
  }

  /** A link to nowhere is what root cannot write either. */
  @Test
  void whoMayOnlyReadTheRunHasTheNumbersAndTheVerdict() throws IOException {
    Files.createSymbolicLink(run.resolve("_LOCK"), directory.resolve("nowhere/lock"));
    SortedMap<String, byte[]> before = RunFiles.below(run);

    Invocation measured = evaluate(run, "--format", "json").exits(6);
    assertTrue(measured.json().get("perplexity").asDouble() > 0);
    assertTrue(measured.err().startsWith("warning: file:" + run), measured.err());
    assertTrue(measured.err().contains("is printed, but not recorded"), measured.err());

    Invocation gate = Invocation.of("gate", run, "--accepted", empty(), "--format", "json");
    gate.exits(0);
    assertEquals("first", gate.json().get("basis").get(1).asText());
    assertTrue(gate.err().contains("the verdict is not written into gate.json"), gate.err());
    assertEquals(before.keySet(), RunFiles.below(run).keySet());
    Invocation.of("verify", run).exits(0);
  }

  @Test
  void eachThingThatIsNoCompleteRunIsSaidInAnotherWay() throws IOException {
    Path unfinished = Files.createDirectories(directory.resolve("unfinished"));
    Files.copy(run.resolve("plan.json"), unfinished.resolve("plan.json"));
    Path interrupted = directory.resolve("interrupted");
    RunFiles.copy(run, interrupted);
    Files.delete(interrupted.resolve("_SUCCESS"));
    List<String> sentences = new ArrayList<>();
    for (Path place :
        List.of(
            directory.resolve("nothing"),
            made.model(),
            run.resolve("model"),
            unfinished,
            interrupted,
            complete.resolve("recipe.yaml"),
            directory,
            empty(),
            run.resolve("reports"))) {
      String gate = said(Invocation.of("gate", place).exits(4), place);
      // Models are verified as such.
      if (!gate.startsWith("is a model")) {
        assertEquals(gate, said(Invocation.of("verify", place).exits(4), place));
      }
      sentences.add(gate);
    }
    assertEquals(
        List.of(
            "no such file or directory, expected a run directory",
            "is a model, expected the directory of a run that compress has written",
            "is a model, expected the directory of a run that compress has written",
            "is no complete run (no _SUCCESS); finish it with the compress command that began it",
            "is no complete run (no _SUCCESS): an evaluation or a gate was cut short, or is under"
                + " way; evaluate again, or start the compress command that began it again",
            "is a file, expected a run directory",
            "is a folder of runs, expected one of them",
            "is an empty folder, expected a run directory",
            "is no run directory (no plan.json)"),
        sentences);
    assertTrue(evaluate(unfinished).exits(4).err().contains("is no complete run (no _SUCCESS)"));
  }

  private static String said(Invocation refused, Path place) {
    String line = refused.err().lines().toList().getLast();
    String begin = "tritmill: file:%s: ".formatted(place);
    assertTrue(line.startsWith(begin), line);
    return line.substring(begin.length());
  }

  private static void assertNamed(String file, Invocation refused) {
    refused.exits(7);
    String line = refused.err().lines().toList().getLast();
    assertTrue(line.contains("/" + file + ": "), line);
  }
}
