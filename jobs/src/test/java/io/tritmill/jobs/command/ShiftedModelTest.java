package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.format.ForwardWeights;
import io.tritmill.jobs.format.PlainReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Groups with shifts, from the recipe to files that are verified and read by others. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class ShiftedModelTest {
  private static final Path EXAMPLES =
      Path.of(System.getProperty("tritmill.root")).resolve("examples");

  @TempDir private Path directory;

  @Test
  void shiftsAreStoredVerifiedAndRead() throws IOException {
    Path recipe = directory.resolve("shifted.yaml");
    Files.writeString(
        recipe,
        """
        version: 1
        name: shifted
        calibration: {samples: 8, sequence_length: 64, held_out: 2}
        propagate_error: true
        rules:
          - match: "*.mlp.*"
            stages: [{qep: {}}, {dlt: {}}, {gptq: {}}, {ptqtp: {planes: 1, group: 128}}]
          - match: "*"
            stages: [{dlt: {rounds: 0}}, {ptqtp: {planes: 2, group: 128, tied: true}}]
        """);
    Path run = directory.resolve("run");
    Invocation.of(
            "compress",
            "--model",
            EXAMPLES.resolve("demo-6m"),
            "--recipe",
            recipe,
            "--calibration",
            EXAMPLES.resolve("demo-calibration"),
            "--output",
            run)
        .exits(0);

    Invocation.of("verify", run, "--layers", 42).exits(0);
    assertEquals(
        RunFiles.json(run.resolve("plan.json")).get("bits_per_weight").asDouble(),
        RunFiles.json(run.resolve("summary.json")).get("bits_per_weight").asDouble());
    Map<String, float[]> plain = new PlainReader(run.resolve("model/model.safetensors")).matrices();
    assertEquals(42, ForwardWeights.assertSame(run.resolve("model"), plain));
  }
}
