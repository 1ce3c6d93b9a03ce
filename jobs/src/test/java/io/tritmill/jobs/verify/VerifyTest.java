package io.tritmill.jobs.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.run.Manifest;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is changed in a complete run is found. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class VerifyTest {
  private static final int FLIPS = 20;
  private static final String QUERY = "model.layers.0.self_attn.q_proj.weight";

  @TempDir private static Path complete;

  @TempDir private Path directory;

  private final Storage storage = SharedSpark.storage();
  private Path run;

  @BeforeAll
  static void compress() throws IOException {
    Path model = complete.resolve("model");
    SafetensorsBuilder.writeLlama(model, SafetensorsBuilder.Sizes.TINY, true, DType.BF16, 1);
    Files.writeString(model.resolve("tokenizer.json"), "{\"model\": {\"type\": \"BPE\"}}");
    Invocation.of(
            "compress", "--model", model, "--recipe", "ptqtp", "--output", complete.resolve("run"))
        .exits(0);
  }

  @BeforeEach
  void copy() {
    run = directory.resolve("run");
    RunFiles.copy(complete.resolve("run"), run);
  }

  private RunDirectory runDirectory() {
    return RunDirectory.at(storage.path(run.toString()));
  }

  /** How the command would end. */
  private ExitCode verified() {
    try {
      Verification found = new Verifier(SharedSpark.session(), storage).verify(runDirectory(), 0);
      return found.ok() ? ExitCode.OK : ExitCode.VERIFICATION_FAILED;
    } catch (BadInputException e) {
      return e.exitCode();
    }
  }

  private Path file(String pattern) {
    return RunFiles.below(run).keySet().stream()
        .filter(name -> name.matches(pattern))
        .findFirst()
        .map(run::resolve)
        .orElseThrow();
  }

  @Test
  void anIntactRunPassesAndEveryLayerIsDerivedAgain() {
    JsonNode found =
        Invocation.of("verify", run, "--layers", 100, "--format", "json").exits(0).json();

    assertTrue(found.get("ok").asBoolean());
    assertEquals(14, found.get("layers").size());
    assertEquals(0, found.get("remarks").size());
    JsonNode derived = found.get("derived").get(0);
    assertEquals(found.get("layers").get(0), derived.get("tensor"));
    assertEquals(derived.get("reported").asDouble(), derived.get("derived").asDouble(), 1e-9);
  }

  @Test
  void theLastLineIsTheVerdict() throws IOException {
    Invocation intact = Invocation.of("verify", run, "--layers", 2).exits(0);
    assertTrue(
        intact
            .lastLine()
            .matches(
                "run: verified: \\d+ files, [0-9,]+ bytes, checksums agree; errors of 2 of 14 layers"
                    + " derived again, at most \\S+ from the report"),
        intact.lastLine());
    assertTrue(intact.out().contains(": relative error 0."), intact.out());

    Files.writeString(run.resolve("model/config.json"), "{}");
    assertEquals("run: not verified: 1 problem", Invocation.of("verify", run).exits(7).lastLine());
  }

  /** Checksums come before any content is looked at, so no flip ends in another way. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "model/model.safetensors",
        "model/config.json",
        "model/tokenizer.json",
        "recipe.yaml",
        "plan.json",
        "summary.json",
        "reports/layers/.*",
        "reports/runs/.*",
        "reports/eval/.*",
        "MANIFEST.json",
        "_SUCCESS"
      })
  void oneFlippedBitAnywhereIsFound(String pattern) throws IOException {
    Path file = file(pattern);
    byte[] intact = Files.readAllBytes(file);
    Random random = new Random(pattern.hashCode());
    for (int flip = 0; flip < FLIPS; flip++) {
      int bit =
          flip == 0 ? 0 : flip == 1 ? 8 * intact.length - 1 : random.nextInt(8 * intact.length);
      byte[] spoiled = intact.clone();
      spoiled[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, spoiled);
      assertEquals(ExitCode.VERIFICATION_FAILED, verified(), "%s, bit %d".formatted(file, bit));
    }
    Files.write(file, intact);
    assertEquals(ExitCode.OK, verified());
  }

  @Test
  void theCommandNamesTheFileAndExitsWithSeven() throws IOException {
    Files.writeString(run.resolve("model/config.json"), "{}");

    Invocation found = Invocation.of("verify", run).exits(7);

    assertTrue(found.err().startsWith("tritmill: "), found.err());
    assertTrue(found.err().contains("model/config.json: has 2 bytes, the manifest says"));
    assertTrue(found.out().contains("problem: "), found.out());
  }

  @Test
  void whatIsMissingOrTooMuchIsFound() throws IOException {
    Files.writeString(run.resolve("model/pytorch_model.bin"), "x");
    JsonNode extra = Invocation.of("verify", run, "--format", "json").exits(7).json();
    assertTrue(
        extra.get("problems").get(0).asText().contains("pytorch_model.bin: is not in the manifest"),
        extra.toString());
    Files.delete(run.resolve("model/pytorch_model.bin"));

    Files.delete(run.resolve("summary.json"));
    JsonNode missing = Invocation.of("verify", run, "--format", "json").exits(7).json();
    assertTrue(
        missing.get("problems").get(0).asText().contains("summary.json: is missing"),
        missing.toString());
  }

  @Test
  void withoutItsManifestOrMarkARunIsNotComplete() throws IOException {
    Files.delete(run.resolve("MANIFEST.json"));
    assertEquals(ExitCode.VERIFICATION_FAILED, verified());

    Files.delete(run.resolve("_SUCCESS"));
    Invocation unfinished = Invocation.of("verify", run).exits(4);
    assertTrue(unfinished.err().contains("is no complete run (no _SUCCESS)"), unfinished.err());
  }

  /** Whoever changes a report and writes a new manifest for it. */
  @Test
  void aReportThatIsFalsifiedWithItsManifestIsFoundByTheErrors() throws IOException {
    Path report = file("reports/layers/.*");
    Path falsified = directory.resolve("falsified");
    SharedSpark.session()
        .read()
        .parquet(report.toString())
        .withColumn(
            "weight_rel_err",
            functions
                .when(
                    functions.col("tensor_name").equalTo(QUERY),
                    functions.col("weight_rel_err").multiply(0.9999))
                .otherwise(functions.col("weight_rel_err")))
        .coalesce(1)
        .write()
        .parquet(falsified.toString());
    try (Stream<Path> files = Files.list(falsified)) {
      Path written =
          files.filter(path -> path.toString().endsWith(".parquet")).findFirst().orElseThrow();
      Files.copy(written, report, StandardCopyOption.REPLACE_EXISTING);
    }

    assertOnlyTheErrorOfQueryDiffers();
  }

  /** Whoever changes a weight and writes a new manifest for it. */
  @Test
  void weightsThatAreFalsifiedWithTheirManifestAreFoundByTheErrors() throws IOException {
    Path file = run.resolve("model/model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    JsonNode header = header(bytes);
    int begin = header.get(QUERY + ".trits").get("data_offsets").get(0).asInt();
    int at = dataBegin(bytes) + begin;
    bytes[at] = (byte) ((bytes[at] & 0xff) / 3 * 3 + ((bytes[at] & 0xff) % 3 + 1) % 3);
    Files.write(file, bytes);

    assertOnlyTheErrorOfQueryDiffers();
  }

  private void assertOnlyTheErrorOfQueryDiffers() {
    Manifest manifest = Manifest.readUnsealed(storage, runDirectory());
    Manifest.of(storage, runDirectory(), manifest.model(), manifest.modelSha256(), List.of())
        .publish(storage, runDirectory());

    JsonNode found =
        Invocation.of("verify", run, "--layers", 100, "--format", "json").exits(7).json();

    assertEquals(1, found.get("problems").size(), found.toString());
    String problem = found.get("problems").get(0).asText();
    assertTrue(problem.startsWith(QUERY + ": relative error is "), problem);
    assertEquals(14, found.get("layers").size());
  }

  private static int dataBegin(byte[] file) {
    return 8 + (file[0] & 0xff) + ((file[1] & 0xff) << 8) + ((file[2] & 0xff) << 16);
  }

  private static JsonNode header(byte[] file) throws IOException {
    return new com.fasterxml.jackson.databind.ObjectMapper()
        .readTree(new String(file, 8, dataBegin(file) - 8, StandardCharsets.UTF_8));
  }

  @Test
  void aModelThatHasChangedOrGoneIsSaidAndChecksumsAreComparedAllTheSame() throws IOException {
    Path model = directory.resolve("model");
    Path output = directory.resolve("output");
    RunFiles.copy(complete.resolve("model"), model);
    Invocation.of("compress", "--model", model, "--recipe", "twn", "--output", output).exits(0);

    Files.setLastModifiedTime(model.resolve("model.safetensors"), FileTime.fromMillis(1_000));
    assertOnlyChecksums(output, "was changed since");

    Files.writeString(model.resolve("model.safetensors"), "broken");
    assertOnlyChecksums(output, "model.safetensors: ");

    Files.move(model, directory.resolve("elsewhere"));
    assertOnlyChecksums(output, "is not there any more");
  }

  private static void assertOnlyChecksums(Path output, String remark) {
    JsonNode found = Invocation.of("verify", output, "--format", "json").exits(0).json();
    assertEquals(0, found.get("layers").size());
    assertEquals(1, found.get("remarks").size());
    assertTrue(found.get("remarks").get(0).asText().contains(remark), found.toString());
    assertFalse(found.get("files").asInt() == 0);
  }
}
