package io.tritmill.jobs.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.data.EvaluationSet;
import io.tritmill.jobs.data.Protocol;
import io.tritmill.jobs.evaluate.EvaluateOnSpark;
import io.tritmill.jobs.evaluate.EvaluationResult;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.format.PackedMetadata;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.Planner;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.recipe.Transforms;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.verify.Verification;
import io.tritmill.jobs.verify.Verifier;
import io.tritmill.kernels.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A transformed model goes through compression, packing, evaluation and verification. */
@Tag("slow")
class TransformedRunTest {
  private static final Sizes SIZES = new Sizes(70, 40, 172, 2, 5, 1);

  private final Storage storage = SharedSpark.storage();

  @TempDir private Path directory;

  @Test
  void packedModelIsTheModelThatItWasMadeFrom() throws IOException {
    Path model = model();
    run("run", 0);
    JavaSparkContext spark =
        JavaSparkContext.fromSparkContext(SharedSpark.session().sparkContext());
    EvaluationSet set =
        new EvaluationSet(
            List.of(new Random(1).ints(60, 0, SIZES.vocabulary()).toArray()),
            Protocol.DOCUMENTS,
            60,
            1,
            0,
            "random");
    EvaluationResult result =
        new EvaluateOnSpark(spark, set, new PrintStream(new ByteArrayOutputStream()))
            .evaluate(
                ModelSources.open(storage, storage.path(directory.resolve("run/model").toString())),
                ModelSources.open(storage, storage.path(model.toString())));
    // Three planes; a rotation that one side left out would cost whole nats.
    double divergence = result.baseline().orElseThrow().klDivergence();
    assertTrue(divergence < 0.02, "divergence is " + divergence);
    RunDirectory run = RunDirectory.at(storage.path(directory.resolve("run").toString()));
    Verification verification = new Verifier(SharedSpark.session(), storage).verify(run, 14);
    assertEquals(List.of(), verification.problems());
    assertEquals(10, verification.layers().size());
  }

  @Test
  void bytesDoNotDependOnHowTasksAreDealt() throws IOException {
    run("one", 1);
    run("two", 2);
    run("seven", 7);
    assertArrayEquals(weights("one"), weights("two"));
    assertArrayEquals(weights("one"), weights("seven"));
  }

  @Test
  void aModelThatCannotBeRunIsNotTransformed() {
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(model().toString()));
    BadInputException e =
        assertThrows(
            BadInputException.class, () -> new Planner(storage).plan(checkpoint, recipe(), true));
    assertEquals(ExitCode.UNSUPPORTED, e.exitCode());
    assertTrue(e.getMessage().contains("--weights-only"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"names\": [\"wavelet\"], \"seed\": 1} | transforms has 'wavelet'; there is hadamard",
        "{\"names\": [\"hadamard\", \"hadamard\"], \"seed\": 1} | transforms has hadamard twice",
        "{\"seed\": 1} | tritmill.transforms has no names",
        "{\"names\": 7} | x.safetensors",
        "[ | x.safetensors"
      })
  void malformedMetadataIsOneSentence(String json, String sentence) {
    BadInputException e =
        assertThrows(
            BadInputException.class,
            () -> PackedMetadata.transforms("x.safetensors", Map.of("tritmill.transforms", json)));
    assertTrue(e.getMessage().startsWith("x.safetensors: "), e.getMessage());
    assertTrue(e.getMessage().contains(sentence), e.getMessage());
  }

  @Test
  void metadataWithoutTransformsHasNone() {
    assertEquals(Transforms.NONE, PackedMetadata.transforms("x", Map.of()));
  }

  private Path model() {
    Path model = directory.resolve("checkpoint");
    if (!Files.exists(model)) {
      SafetensorsBuilder.writeLlama(model, SIZES, false, DType.BF16, 1);
    }
    return model;
  }

  private byte[] weights(String name) throws IOException {
    return Files.readAllBytes(directory.resolve(name + "/model/model.safetensors"));
  }

  /** One kind of layer is kept: it is read as it was, and run as the rotated model has it. */
  private static Recipe recipe() {
    String yaml =
        """
        version: 1
        name: turned
        seed: 3
        transforms: [hadamard]
        rules:
          - match: "*.{o_proj,gate_proj}.weight"
            keep: true
          - match: "*"
            stages: [{ptqtp: {planes: 3, group: 20}}]
        """;
    return RecipeParser.parse("r.yaml", yaml.getBytes(StandardCharsets.UTF_8));
  }

  private void run(String name, int partitions) {
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(model().toString()));
    Plan plan = new Planner(storage).plan(checkpoint, recipe(), false);
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    new CompressPipeline(
            SharedSpark.session(), storage, new PrintStream(printed, true, StandardCharsets.UTF_8))
        .run(
            checkpoint,
            plan,
            recipe(),
            RunDirectory.at(storage.path(directory.resolve(name).toString())),
            partitions,
            Optional.empty());
  }
}
