package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.recipe.RecipeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command line says before any work begins. */
class CommandLineTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "plan",
        "compress",
        "evaluate",
        "generate",
        "verify",
        "gate",
        "inspect",
        "synthesize"
      })
  void helpOfEachCommandShowsAnExample(String command) {
    Invocation help = Invocation.of(command, "--help").exits(0);

    assertTrue(help.out().startsWith("Usage: tritmill " + command), help.out());
    assertTrue(help.out().contains("Example: tritmill " + command + " "), help.out());
    assertEquals("", help.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"compress", "plan", "demo", "results"})
  void helpNamesTheBundledRecipes(String command) {
    String help = Invocation.of(command, "--help").exits(0).out();

    for (String recipe : RecipeParser.bundled()) {
      assertTrue(help.contains(recipe), help);
    }
  }

  @Test
  void helpListsCommandsAndExitCodes() {
    String help = Invocation.of("--help").exits(0).out();

    for (String word : new String[] {"demo", "compress", "Exit codes:", "verification failed"}) {
      assertTrue(help.contains(word), help);
    }
  }

  @Test
  void versionNamesTheReleaseAndTheJdk() {
    String version = Invocation.of("--version").exits(0).out();

    assertTrue(version.startsWith("tritmill "), version);
    assertTrue(version.contains("java " + System.getProperty("java.version")), version);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "''                                                     ; Name a command",
        "compres                                                ; Did you mean: tritmill compress",
        "compress --model m --recipe r --output o --resum never ; --resume",
        "compress --model m --recipe r                          ; '--output=RUN'",
        "compress --model m --recipe r --output o --resume soon ; AUTO, NEVER, REQUIRE",
        "compress --model m --recipe r --output o --partitions two ; --partitions",
        "plan --model m --recipe r --format yaml                ; TEXT, JSON",
        "evaluate --dataset d                                   ; 'M|RUN'",
        "verify                                                 ; 'RUN|M'",
        "inspect one two                                        ; 'two'"
      })
  void wrongUsageExitsWithTwoAndSaysWhatIsWrong(String line, String expected) {
    Object[] arguments = line.isEmpty() ? new Object[0] : line.split(" ");

    Invocation wrong = Invocation.of(arguments).exits(2);

    assertEquals("", wrong.out());
    assertTrue(wrong.err().contains(expected), wrong.err());
    assertFalse(wrong.err().contains("\tat "), wrong.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compress --model m --recipe r --output o --resume auto --accepted a --tolerance 0.1",
        "evaluate r --dataset d --protocol windows --baseline m --gate later",
        "gate r --accepted a",
        "verify r --layers 2"
      })
  void argumentsThatAreOnlyValidatedAreReadAndNothingIsDone(String line) {
    Invocation valid = Invocation.of((Object[]) ("--validate-only " + line).split(" ")).exits(0);

    assertEquals("", valid.out());
    assertEquals("", valid.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compress --model m",
        "verify r --layer 2",
        "evaluate r --dataset d --limit x",
        ""
      })
  void wrongArgumentsThatAreOnlyValidatedExitWithTwo(String line) {
    Invocation.of((Object[]) ("--validate-only " + line).trim().split(" ")).exits(2);
  }
}
