package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.foreign.ForeignPrograms;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A model of one plane with a scale a matrix: what transformers makes of its exports. */
@Tag("foreign")
@ExtendWith(SharedSpark.class)
class TernaryExportsTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int[] IDS = {0, 410, 33, 71, 200, 5, 9, 1000, 17};

  /** Sums of floats in another order. */
  private static final double EXACT = 1e-3;

  /** Of the largest logit: inputs near the middle between two of 8 bits fall to either side. */
  private static final double ROUNDED = 0.02;

  @RegisterExtension
  private static final ForeignPrograms TRANSFORMERS = ForeignPrograms.of("transformers");

  @TempDir private static Path directory;
  private static Path run;
  private static Path exact;

  @BeforeAll
  static void compress() throws IOException {
    Path recipe =
        Files.writeString(
            directory.resolve("recipe.yaml"),
            """
            version: 1
            name: ternary
            rules:
              - {match: "*.layers.*", stages: [{absmean: {group: tensor}}]}
            """);
    run = directory.resolve("run");
    Path model = ROOT.resolve("examples/demo-6m");
    Invocation.of("compress", "--model", model, "--recipe", recipe, "--output", run).exits(0);
    exact = export("f32");
  }

  private static Path export(String format) {
    Path output = directory.resolve(format);
    Invocation.of("export", run, "--format", format, "--output", output).exits(0);
    return output;
  }

  /** The largest difference of all logits there from those here, which are of another folder. */
  private static double difference(Path there, Path here, double[] largest)
      throws IOException, InterruptedException {
    Path logits = directory.resolve(there.getFileName() + ".json");
    Path script = ROOT.resolve("foreign/exports.py");
    Invocation read =
        TRANSFORMERS
            .run(directory, "python", script, exact, there, Arrays.toString(IDS), logits)
            .exits(0);
    assertEquals(0, JSON.readTree(read.lastLine()).get("weights").doubleValue(), read.out());
    JsonNode rows = JSON.readTree(logits.toFile());
    assertEquals(IDS.length, rows.size());
    Storage storage = SharedSpark.storage();
    ModelSource source = ModelSources.open(storage, storage.path(here.toString()));
    float[] own = GoldenLogits.found(source, IDS);
    int vocabulary = own.length / IDS.length;
    double difference = 0;
    for (int i = 0; i < own.length; i++) {
      double other = rows.get(i / vocabulary).get(i % vocabulary).doubleValue();
      largest[0] = Math.max(largest[0], Math.abs(other));
      difference = Math.max(difference, Math.abs(other - own[i]));
    }
    System.out.printf("%s: %.2e of %.1f%n", there.getFileName(), difference, largest[0]);
    return difference;
  }

  @Test
  void weightsOfSixteenBitsAreThoseOfTheRun() throws IOException, InterruptedException {
    assertTrue(difference(export("bf16"), run.resolve("model"), new double[1]) <= EXACT);
  }

  /** Modules round their inputs there, as they do here of the exported folder. */
  @Test
  void tritsAndScalesAreThoseOfTheRun() throws IOException, InterruptedException {
    Path bitnet = export("bitnet");
    double[] largest = new double[1];
    double difference = difference(bitnet, bitnet, largest);
    assertTrue(difference <= ROUNDED * largest[0], difference + " of " + largest[0]);
    JsonNode measured =
        Invocation.of(
                "evaluate",
                bitnet,
                "--dataset",
                ROOT.resolve("examples/demo-evaluation"),
                "--limit",
                8,
                "--baseline",
                run.resolve("model"),
                "--format",
                "json")
            .exits(0)
            .json();
    System.out.println(measured);
    assertTrue(measured.get("kl_divergence").doubleValue() < 0.01, measured::toString);
  }
}
