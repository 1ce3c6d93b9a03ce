package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.foreign.ForeignPrograms;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** transformers opens an AWQ export with GPTQModel's products, and computes what the run does. */
@Tag("foreign")
@Tag("nightly")
@ExtendWith(SharedSpark.class)
class AwqOpenedTest {
  /** Products in another order and type make as much of the largest logit. */
  private static final double ROUNDED = 2e-4;

  @RegisterExtension private static final ForeignPrograms GPTQ = ForeignPrograms.of("gptq");

  @TempDir private static Path directory;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void logitsAreThoseOfPlainWeights(boolean symmetric) throws IOException, InterruptedException {
    DemoRuns runs = new DemoRuns(directory);
    String name = "of-" + symmetric;
    runs.compress(name, "int: {bits: 4, group: 64, symmetric: %s}".formatted(symmetric));
    Path plain = directory.resolve(name + "-f32");
    Path packed = directory.resolve(name + "-awq");
    runs.export(name, "f32", plain).exits(0);
    runs.export(name, "awq", packed).exits(0);

    Invocation opened =
        GPTQ.run(
                directory,
                "python",
                Path.of(System.getProperty("tritmill.root")).resolve("foreign/awq_opened.py"),
                plain,
                packed,
                "[1, 5, 9, 33, 71, 200]")
            .exits(0);

    JsonNode found = new ObjectMapper().readTree(opened.lastLine());
    assertTrue(found.get("kind").asText().contains("Awq"), opened.lastLine());
    assertTrue(found.get("logits").asDouble() < ROUNDED, opened.lastLine());
  }
}
