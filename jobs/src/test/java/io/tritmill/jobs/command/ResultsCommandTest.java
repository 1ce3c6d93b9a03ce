package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class ResultsCommandTest {
  private static final Path EXAMPLES = Path.of("..", "examples").toAbsolutePath().normalize();

  @TempDir Path folder;
  private Path texts;

  @BeforeEach
  void writeTexts() throws IOException {
    texts = folder.resolve("texts.jsonl");
    Files.write(
        texts, List.of("{\"text\": \"A car drove to the park.\"}", "{\"text\": \"She paid $7.\"}"));
  }

  private Invocation results(Object... more) {
    Object[] all = new Object[more.length + 5];
    all[0] = "results";
    all[1] = "--model";
    all[2] = EXAMPLES.resolve("demo-6m");
    all[3] = "--output";
    all[4] = folder.resolve("out");
    System.arraycopy(more, 0, all, 5, more.length);
    return Invocation.of(all);
  }

  @Test
  void aPageHasALineForEachRecipeAndRunsAreKept() throws IOException {
    Object[] options = {
      "--recipe", "ptqtp", "--recipe", "twn", "--documents", texts, "--sequence-length", 64
    };
    Invocation first = results(options).exits(0);
    String page = Files.readString(folder.resolve("out/results.md"));
    assertTrue(first.out().contains(page), first.out());
    assertTrue(first.lastLine().startsWith("RESULTS=file:"), first.lastLine());
    assertEquals(1, page.lines().filter(line -> line.startsWith("| ptqtp | 3.450 |")).count());
    assertEquals(1, page.lines().filter(line -> line.startsWith("| twn |")).count());
    assertTrue(Files.exists(folder.resolve("out/twn/_SUCCESS")));
    Invocation second = results(options).exits(0);
    assertTrue(second.err().contains("twn: is compressed already"), second.err());
    assertEquals(page, Files.readString(folder.resolve("out/results.md")));
  }

  @Test
  void mistakesAreNamed() {
    Invocation nothing = results("--recipe", "twn").exits(2);
    assertTrue(nothing.err().contains("give --documents or --windows"), nothing.err());
    Invocation unknown =
        results("--recipe", "twn", "--documents", texts, "--reference", "ptqtp").exits(2);
    assertTrue(unknown.err().contains("--reference ptqtp is the name of none"), unknown.err());
    Invocation twice = results("--recipe", "twn", "--recipe", "twn", "--documents", texts).exits(2);
    assertTrue(twice.err().contains("two recipes have one name"), twice.err());
  }
}
