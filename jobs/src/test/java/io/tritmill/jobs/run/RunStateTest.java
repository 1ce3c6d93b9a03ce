package io.tritmill.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunStateTest {
  private static final String PLAN =
      """
      {"recipe": "twn", "recipe_sha256": "r1", "model": "file:/m", "model_sha256": "m1"}
      """;

  @TempDir private Path directory;

  private final Storage storage = new Storage(new Configuration());

  private RunState state(String recipe, String model) {
    RunDirectory run = RunDirectory.at(storage.path(directory.resolve("run").toString()));
    return RunState.of(storage, run, recipe, model, "");
  }

  private void write(String file, String content) throws IOException {
    Path path = directory.resolve("run").resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }

  private void assertRefused(ExitCode code, String sentence) {
    BadInputException refused = assertThrows(BadInputException.class, () -> state("r1", "m1"));
    assertEquals(code, refused.exitCode());
    assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
  }

  @Test
  void nothingIsNew() {
    assertEquals(RunState.NEW, state("r1", "m1"));
  }

  @Test
  void anEmptyDirectoryIsNew() throws IOException {
    Files.createDirectories(directory.resolve("run"));

    assertEquals(RunState.NEW, state("r1", "m1"));
  }

  @Test
  void anAttemptThatWasKilledBeforeItsPlanStoodLeavesANewOne() throws IOException {
    write(".plan.json.publish", "{\"recipe\":");

    assertEquals(RunState.NEW, state("r1", "m1"));
  }

  @Test
  void aPlanMakesAnUnfinishedRunAndASuccessACompleteOne() throws IOException {
    write("plan.json", PLAN);
    assertEquals(RunState.UNFINISHED, state("r1", "m1"));

    write("_SUCCESS", "");
    assertEquals(RunState.COMPLETE, state("r1", "m1"));
  }

  @Test
  void anotherRecipeOrModelIsAConflictAndIsNamed() throws IOException {
    write("plan.json", PLAN.replace("r1", "r2"));
    assertRefused(ExitCode.CONFLICT, "holds a run of another recipe (twn)");

    write("plan.json", PLAN.replace("m1", "m2"));
    assertRefused(ExitCode.CONFLICT, "holds a run of another model (file:/m)");
  }

  @Test
  void somebodyElsesDirectoryIsAConflict() throws IOException {
    write("thesis.tex", "");

    assertRefused(ExitCode.CONFLICT, "holds files but no run of Tritmill");
  }

  @Test
  void aFileIsAConflict() throws IOException {
    Files.writeString(directory.resolve("run"), "");

    assertRefused(ExitCode.CONFLICT, "is a file, expected a directory");
  }

  @Test
  void aBrokenPlanIsSaid() throws IOException {
    write("plan.json", "{\"recipe\": ");

    assertRefused(ExitCode.BROKEN_INPUT, "plan.json: is not the JSON expected here");
  }
}
