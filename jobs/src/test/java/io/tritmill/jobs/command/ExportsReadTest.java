package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.foreign.ForeignPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What other programs read in exported checkpoints are the weights of the run, to the last bit.
 *
 * <p>GPTQ and AWQ are decoded by their published layouts: what opens them on processors takes
 * gigabytes, as {@link AwqOpenedTest} has it.
 */
@Tag("foreign")
@ExtendWith(SharedSpark.class)
class ExportsReadTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));

  @RegisterExtension
  private static final ForeignPrograms TRANSFORMERS = ForeignPrograms.of("transformers");

  @TempDir private static Path directory;

  private static Path export(Path run, String format) {
    Path output = run.resolveSibling(run.getFileName() + "-" + format);
    Invocation.of("export", run, "--format", format, "--output", output).exits(0);
    return output;
  }

  /** Levels of every kind that fits 4 and 8 bits, in groups and rows, and some that fit neither. */
  @ParameterizedTest
  @CsvSource({
    "compressed-tensors, 'ptqtp: {planes: 2, group: 32, tied: true}', 'int: {bits: 8, group: row}'",
    "compressed-tensors, 'int: {bits: 4, group: 64}', 'ptqtp: {planes: 2, group: 64}'",
    "compressed-tensors, 'ptqtp: {planes: 1, group: row}', 'ptqtp: {planes: 3, group: 64, tied: true}'",
    "gptq, 'int: {bits: 4, group: 64}', 'ptqtp: {planes: 2, group: 64, tied: true}'",
    "awq, 'int: {bits: 4, group: 64, symmetric: false}', 'int: {bits: 4, group: 64}'"
  })
  void everyBitIsThatOfTheRun(String format, String most, String down)
      throws IOException, InterruptedException {
    Path recipe = Files.createTempFile(directory, "recipe", ".yaml");
    Files.writeString(
        recipe,
        """
        version: 1
        name: exported
        rules:
          - match: "*.down_proj.weight"
            stages: [{%s}]
          - match: "*"
            stages: [{%s}]
        """
            .formatted(down, most));
    Path run = Files.createTempDirectory(directory, "run").resolve("run");
    Invocation.of(
            "compress",
            "--model",
            ROOT.resolve("examples/demo-6m"),
            "--recipe",
            recipe,
            "--output",
            run)
        .exits(0);

    Invocation read =
        TRANSFORMERS
            .run(
                directory,
                "python",
                ROOT.resolve("foreign/exports.py"),
                export(run, "f32"),
                export(run, format),
                "[1, 5, 9, 33, 71, 200]")
            .exits(0);

    JsonNode differences = new ObjectMapper().readTree(read.lastLine());
    differences.forEach(difference -> assertEquals(0, difference.asDouble(), read.out()));
    assertEquals(format.equals("compressed-tensors") ? 2 : 1, differences.size());
  }
}
