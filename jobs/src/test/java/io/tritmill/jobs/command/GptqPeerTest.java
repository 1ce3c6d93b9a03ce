package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.foreign.ForeignPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Integers of 4 bits by our GPTQ against those that GPTQModel makes of the same text. */
@Tag("foreign")
@Tag("nightly")
@ExtendWith(SharedSpark.class)
class GptqPeerTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final Path MODEL = ROOT.resolve("examples/demo-6m");
  private static final Path TEXTS = ROOT.resolve("examples/demo-calibration");
  private static final int SAMPLES = 128;
  private static final int LENGTH = 256;
  private static final int GROUP = 128;

  /** What other samples of the same texts make of the mean KL divergence, and more. */
  private static final double NO_WORSE = 1.1;

  @RegisterExtension private static final ForeignPrograms GPTQ = ForeignPrograms.of("gptq");

  @TempDir private Path directory;

  private static double divergence(Path model) {
    JsonNode found =
        Invocation.of(
                "evaluate",
                model,
                "--dataset",
                ROOT.resolve("examples/demo-evaluation"),
                "--sequence-length",
                LENGTH,
                "--baseline",
                MODEL,
                "--format",
                "json")
            .exits(0)
            .json();
    System.out.println(model.getFileName() + ": " + found);
    return found.get("kl_divergence").asDouble();
  }

  @Test
  void oursLosesNoMoreThanTheirs() throws IOException, InterruptedException {
    Path peer = directory.resolve("peer");
    Invocation made =
        GPTQ.run(
                directory,
                "python",
                ROOT.resolve("foreign/gptq_peer.py"),
                MODEL,
                TEXTS,
                SAMPLES,
                LENGTH,
                GROUP,
                peer)
            .exits(0);
    assertEquals(42, new ObjectMapper().readTree(made.lastLine()).get("matrices").asInt());
    Path recipe = directory.resolve("int4.yaml");
    Files.writeString(
        recipe,
        """
        version: 1
        name: int4
        calibration: {samples: %d, sequence_length: %d, held_out: 0}
        rules: [{match: "*", stages: [{gptq: {damp: 0.05}}, {int: {bits: 4, group: %d}}]}]
        """
            .formatted(SAMPLES, LENGTH, GROUP));
    Path run = directory.resolve("run");
    Invocation.of(
            "compress",
            "--model",
            MODEL,
            "--recipe",
            recipe,
            "--output",
            run,
            "--calibration",
            TEXTS)
        .exits(0);

    double theirs = divergence(peer.resolve("plain"));
    double ours = divergence(run);

    assertTrue(theirs < 0.1, "theirs " + theirs);
    assertTrue(ours <= NO_WORSE * theirs, ours + " against " + theirs);
  }
}
