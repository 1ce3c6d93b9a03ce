package io.tritmill.jobs.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.format.ForwardWeights;
import io.tritmill.jobs.format.PlainReader;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.PlannedTensor;
import io.tritmill.jobs.plan.Planner;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.jobs.verify.Verification;
import io.tritmill.jobs.verify.Verifier;
import io.tritmill.kernels.code.PackedPlanes;
import io.tritmill.kernels.code.PlaneCounts;
import io.tritmill.kernels.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A model whose rows have 1 to 3 planes each, from the plan to the verified run. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class RowPlanesRunTest {
  private static final Sizes SIZES = new Sizes(70, 44, 172, 2, 2, 1);
  private static final String UNIFORM = "model.layers.0.mlp.up_proj.weight";

  @TempDir private static Path directory;

  private static Storage storage;
  private static Checkpoint checkpoint;
  private static Plan plan;

  @BeforeAll
  static void compress() {
    storage = SharedSpark.storage();
    Path model = directory.resolve("checkpoint");
    SafetensorsBuilder.writeLlama(model, SIZES, true, DType.BF16, 1);
    checkpoint = Checkpoint.open(storage, storage.path(model.toString()));
    plan = new Planner(storage).plan(checkpoint, recipe(), false);
    run("plain", plan);
    Map<String, PlaneCounts> counts = new HashMap<>();
    for (PlannedTensor layer : plan.layers()) {
      byte[] planes = new byte[layer.rows()];
      Random random = new Random(layer.tensor().name().hashCode());
      for (int row = 0; row < planes.length; row++) {
        planes[row] = (byte) (layer.tensor().name().equals(UNIFORM) ? 2 : 1 + random.nextInt(3));
      }
      counts.put(layer.tensor().name(), new PlaneCounts(planes));
    }
    plan = plan.withPlanes(counts);
    run("rows", plan);
  }

  @Test
  void theFileHoldsWhatTheMethodGives() {
    Checkpoint packed = open("rows");
    Checkpoint plain = open("plain");
    long bytes = 0;
    try (TensorReader reader = new TensorReader(storage)) {
      for (PlannedTensor planned : plan.layers()) {
        String name = planned.tensor().name();
        PackedPlanes expected =
            PackedPlanes.of(
                planned
                    .quantizer()
                    .quantize(reader.rows(planned.tensor(), 0, planned.rows()))
                    .planes());
        assertArrayEquals(expected.trits(), bytes(reader, packed, name + ".trits"), name);
        assertArrayEquals(expected.scales(), bytes(reader, packed, name + ".scales"), name);
        assertEquals(!name.equals(UNIFORM), packed.tensor(name + ".planes").isPresent(), name);
        if (name.equals(UNIFORM)) {
          assertArrayEquals(
              bytes(reader, plain, name + ".trits"), bytes(reader, packed, name + ".trits"));
          assertEquals(
              plain.tensor(name + ".trits").orElseThrow().shape(),
              packed.tensor(name + ".trits").orElseThrow().shape());
        } else {
          assertArrayEquals(expected.counts(), bytes(reader, packed, name + ".planes"), name);
        }
        assertEquals(8 * planned.bytesOut(), expected.bits(), name);
        bytes += planned.bytesOut();
      }
    }
    double bits =
        RunFiles.json(directory.resolve("rows/summary.json")).get("bits_per_weight").asDouble();
    assertEquals(8.0 * bytes / plan.quantizedParameters(), bits);
  }

  @Test
  void aReaderThatKnowsTheFormatAloneReadsEveryBitThatTheForwardPassDoes() throws IOException {
    Map<String, float[]> plain =
        new PlainReader(directory.resolve("rows/model/model.safetensors")).matrices();
    assertEquals(14, ForwardWeights.assertSame(directory.resolve("rows/model"), plain));
  }

  @Test
  void theRunIsVerified() {
    RunDirectory run = RunDirectory.at(storage.path(directory.resolve("rows").toString()));
    Verification verification = new Verifier(SharedSpark.session(), storage).verify(run, 14);
    assertEquals(List.of(), verification.problems());
    assertEquals(14, verification.layers().size());
  }

  @Test
  void planesThatARowLacksAreNotCountedAsZeros() {
    RunFiles.table(directory.resolve("rows"), "layers").stream()
        .filter(row -> row.getAs("status").equals("ok"))
        .forEach(row -> assertTrue(row.<Double>getAs("frac_zero") < 0.6, row.toString()));
  }

  private static Checkpoint open(String name) {
    return Checkpoint.open(storage, storage.path(directory.resolve(name + "/model").toString()));
  }

  private static byte[] bytes(TensorReader reader, Checkpoint packed, String name) {
    var tensor = packed.tensor(name).orElseThrow();
    return reader.bytes(tensor, 0, Math.toIntExact(tensor.bytes()));
  }

  private static Recipe recipe() {
    String yaml =
        """
        version: 1
        name: rows
        rules:
          - match: "*"
            stages: [{ptqtp: {planes: 2, group: 13, tied: true}}]
        """;
    return RecipeParser.parse("r.yaml", yaml.getBytes(StandardCharsets.UTF_8));
  }

  private static void run(String name, Plan planned) {
    new CompressPipeline(
            SharedSpark.session(),
            storage,
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8))
        .run(
            checkpoint,
            planned,
            recipe(),
            RunDirectory.at(storage.path(directory.resolve(name).toString())),
            0,
            Optional.empty());
  }
}
