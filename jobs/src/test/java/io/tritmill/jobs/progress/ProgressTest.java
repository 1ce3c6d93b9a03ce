package io.tritmill.jobs.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final long SECOND = 1_000_000_000;

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private long now;

  private Progress of(int steps, long cost, int columns) {
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    return new Progress(out, steps, cost, () -> now, columns);
  }

  private List<String> lines() {
    return said.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void nothingIsEstimatedBeforeATenthIsDone() {
    Progress progress = of(100, 100, 200);
    for (int step = 1; step <= 12; step++) {
      now += SECOND;
      progress.advance(1);
      progress.step("layer " + step);
    }

    assertEquals("[  9/100] layer 9", lines().get(8));
    assertEquals("[ 10/100] layer 10  ETA 1m30s", lines().get(9));
  }

  @Test
  void theResultsOfOneTaskHaveNoPace() {
    Progress progress = of(10, 10, 200);
    now = 5 * SECOND;
    for (int step = 0; step < 5; step++) {
      progress.advance(1);
      progress.step("layer");
    }
    assertFalse(lines().toString().contains("ETA"), lines().toString());

    now += 3 * SECOND;
    progress.advance(1);
    progress.step("layer");
    assertTrue(lines().getLast().contains("ETA"), lines().getLast());
  }

  @Test
  void aSlowStartIsForgotten() {
    Progress progress = of(100, 100, 200);
    now = 3600 * SECOND;
    progress.advance(1);
    for (int step = 2; step <= 60; step++) {
      now += step <= 10 ? 20 * SECOND : 5 * SECOND;
      progress.advance(1);
    }
    progress.step("layer");

    assertEquals("[  1/100] layer  ETA 3m20s", lines().getFirst());
  }

  @Test
  void theLastLineHasNothingAhead() {
    Progress progress = of(1, 2, 200);
    progress.advance(1);
    now += SECOND;
    progress.advance(1);
    progress.step("layer");

    assertEquals(List.of("[1/1] layer"), lines());
  }

  @Test
  void aLineFitsTheTerminal() {
    Progress progress = of(420, 420, 80);
    for (int step = 0; step < 100; step++) {
      now += 70 * SECOND;
      progress.advance(1);
    }
    progress.step(
        "model.language_model.layers.61.mlp.experts.255.down_proj.weight",
        " 7168x18432 BF16 -> gptq+ptqtp 3.450 bpw 252.0 MiB -> 54.3 MiB err 0.1720",
        " 3.450 bpw err 0.1720");

    String line = lines().getFirst();
    assertEquals(80, line.length(), line);
    assertTrue(line.startsWith("[  1/420] .."), line);
    assertTrue(line.endsWith(".down_proj.weight 3.450 bpw err 0.1720  ETA 6h13m"), line);
  }

  @Test
  void aLogHasTheWholeLine() {
    Progress progress = of(1, 1, Integer.MAX_VALUE);
    progress.advance(1);
    progress.step("model.layers.0", " " + "facts ".repeat(40), " few");

    assertTrue(lines().getFirst().contains("facts facts"), lines().getFirst());
    assertFalse(lines().getFirst().contains("few"), lines().getFirst());
  }

  @Test
  void oneThingIsNotSeveral() {
    assertEquals("1 executor", Progress.count(1, "executor"));
    assertEquals("1,825 bands", Progress.count(1825, "band"));
  }
}
