package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What calibration is for, on the model that comes with Tritmill and fewer tokens than it needs.
 */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class CalibratedModelTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final Path MODEL = ROOT.resolve("examples/demo-6m");

  @TempDir private Path directory;

  @Test
  void twoCompensatedPlanesAreBetterThanTwoFitted() throws IOException {
    Invocation run = compress("two", 32, "{ptqtp: {planes: 2, tied: true}}");

    assertTrue(divergence("two") < 0.6 * plain("ptqtp-uniform", "fitted"));
    assertFalse(run.err().contains("warning: "), run.err());
    List<Row> blocks = RunFiles.table(directory.resolve("two"), "blocks");
    assertEquals(6, blocks.size());
    for (Row block : blocks) {
      long calibrate = block.getAs("calibrate_ms");
      assertTrue(calibrate > 0 && calibrate < block.<Long>getAs("wall_ms"), block.toString());
    }
  }

  @Test
  void oneCompensatedPlaneIsBetterThanOneFitted() throws IOException {
    Invocation run = compress("one", 8, "{ptqtp: {planes: 1}}");

    assertTrue(divergence("one") < 0.6 * plain("twn", "fitted"));
    assertTrue(
        run.err()
            .contains(
                "warning: 2044 calibration tokens are few for layers of 768 inputs, and what they"
                    + " teach may be chance; samples: 13 would do; the tokens"
                    + " held out decide how much of it is used"),
        run.err());
    for (Row row : RunFiles.table(directory.resolve("one"), "layers")) {
      if (row.getAs("status").equals("ok")) {
        assertEquals(2044, row.<Long>getAs("calib_tokens"));
        double seen = row.getAs("output_rel_err");
        double heldOut = row.getAs("output_rel_err_held_out");
        double correction = row.getAs("correction");
        assertTrue(seen > 0 && seen < heldOut && heldOut < 1, seen + " and " + heldOut);
        assertTrue(correction >= 0 && correction <= 1, "correction " + correction);
      }
    }
  }

  /** The one table of the model, whose layers stay as they are. */
  @Test
  void aCompensatedTableIsBetterThanAFittedOne() throws IOException {
    String rounding = "{ptqtp: {planes: 2, group: 64, tied: true}}";
    double fitted = table("table", rounding);
    double compensated = table("compensated table", "{gptq: {damp: 0.1}}, " + rounding);
    assertTrue(compensated < 0.85 * fitted, compensated + " against " + fitted);
  }

  private double table(String name, String stages) throws IOException {
    Path recipe = directory.resolve(name + ".yaml");
    Files.writeString(
        recipe,
        """
        version: 1
        name: table
        calibration: {samples: 32, sequence_length: 256, held_out: 0}
        rules:
          - {match: {kind: head}, stages: [%s]}
          - {match: "*", keep: true}
        """
            .formatted(stages));
    run(recipe.toString(), name, "--calibration", ROOT.resolve("examples/demo-calibration"));
    return divergence(name);
  }

  private Invocation compress(String name, int samples, String rounding) throws IOException {
    Path recipe = directory.resolve(name + ".yaml");
    Files.writeString(
        recipe,
        """
        version: 1
        name: %s
        calibration: {samples: %d, sequence_length: 256, held_out: 8}
        transforms: [hadamard]
        propagate_error: true
        rules:
          - match: "*"
            stages: [{qep: {}}, {output_metric: {rounds: 1}}, {comq: {sweeps: 1}}, {gptq: {}}, %s]
        """
            .formatted(name, samples, rounding));
    return run(recipe.toString(), name, "--calibration", ROOT.resolve("examples/demo-calibration"));
  }

  private Invocation run(String recipe, String name, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("compress", "--model", MODEL));
    arguments.addAll(List.of("--recipe", recipe, "--output", directory.resolve(name)));
    arguments.addAll(Arrays.asList(more));
    return Invocation.of(arguments.toArray()).exits(0);
  }

  /** The divergence of a bundled recipe that learns from nothing. */
  private double plain(String recipe, String name) {
    run(recipe, name);
    return divergence(name);
  }

  private double divergence(String name) {
    return Invocation.of(
            "evaluate",
            directory.resolve(name),
            "--dataset",
            ROOT.resolve("examples/demo-evaluation"),
            "--sequence-length",
            256,
            "--limit",
            64,
            "--baseline",
            MODEL,
            "--format",
            "json")
        .exits(0)
        .json(0)
        .get("kl_divergence")
        .asDouble();
  }
}
