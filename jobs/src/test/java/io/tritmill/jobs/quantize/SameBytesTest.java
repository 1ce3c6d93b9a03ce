package io.tritmill.jobs.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.jobs.plan.PlannedTensor;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PackedPlanes;
import io.tritmill.kernels.code.Piece;
import io.tritmill.kernels.quantize.round.Absmean;
import io.tritmill.kernels.tensor.DType;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bytes of a model depend on its weights and the recipe, and on nothing else. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class SameBytesTest {
  /** Every tensor in one band. */
  private static final int WHOLE = 1 << 22;

  /** Five rows of 172, and twenty of 44. */
  private static final int SMALL = 900;

  @TempDir private static Path directory;

  private static MixedModel mixed;
  private static SortedMap<String, byte[]> expected;

  @BeforeAll
  static void compressWhole() {
    mixed = MixedModel.in(directory.resolve("model"), DType.F32);
    mixed.compress(directory.resolve("whole"), WHOLE, 0);
    expected = RunFiles.below(directory.resolve("whole/model"));
  }

  @Test
  void theModelHasAllThatItShould() {
    assertEquals(
        List.of(
            "config.json",
            "model-00001-of-00003.safetensors",
            "model-00002-of-00003.safetensors",
            "model-00003-of-00003.safetensors",
            "model.safetensors.index.json"),
        List.copyOf(expected.keySet()));
  }

  @Test
  void smallBandsCutEveryMatrixIntoSeveral() {
    var bands =
        mixed.plan(SMALL).shards().stream()
            .filter(shard -> shard.quantizer() != null)
            .collect(Collectors.groupingBy(s -> s.tensor().name(), Collectors.counting()));

    assertEquals(13, bands.size());
    assertTrue(bands.values().stream().allMatch(count -> count >= 2), bands.toString());
    assertTrue(mixed.plan(WHOLE).shards().stream().allMatch(s -> s.rows() == s.tensor().rows()));
  }

  @ParameterizedTest
  @CsvSource({
    "again, 4194304, 0",
    "one partition, 4194304, 1",
    "two partitions, 4194304, 2",
    "seven partitions, 4194304, 7",
    "bands of the least size, 1, 3",
    "small bands, 900, 0",
    "small bands in one partition, 900, 1",
    "bands of other sizes in seven partitions, 2500, 7"
  })
  void bytesAreTheSame(String name, int bandWeights, int partitions) {
    Path output = directory.resolve(name);

    mixed.compress(output, bandWeights, partitions);

    SortedMap<String, byte[]> found = RunFiles.below(output.resolve("model"));
    assertEquals(expected.keySet(), found.keySet());
    found.forEach((file, bytes) -> assertArrayEquals(expected.get(file), bytes, file));
    assertEquals(measures(directory.resolve("whole")).keySet(), measures(output).keySet());
    measures(output)
        .forEach(
            (tensor, values) ->
                assertArrayEquals(
                    measures(directory.resolve("whole")).get(tensor), values, 1e-12, tensor));
  }

  /** What does not depend on the clock; sums of more bands are rounded otherwise. */
  private static SortedMap<String, double[]> measures(Path run) {
    SortedMap<String, double[]> measures = new TreeMap<>();
    for (Row row : RunFiles.table(run, "layers")) {
      if (row.getAs("status").equals("ok")) {
        measures.put(
            row.getAs("tensor_name"),
            new double[] {
              row.<Double>getAs("weight_rel_err"),
              number(row, "frac_zero"),
              number(row, "trit_entropy_bits"),
              row.<Double>getAs("bits_per_weight"),
              row.<Float>getAs("scale_max")
            });
      }
    }
    return measures;
  }

  /** NaN where codes are no trits. */
  private static double number(Row row, String column) {
    return row.getAs(column) == null ? Double.NaN : row.<Double>getAs(column);
  }

  @ParameterizedTest
  @CsvSource({"F16", "BF16"})
  void bandsOfHalfPrecisionJoinAsWell(DType type) {
    Path folder = directory.resolve(type.name());
    MixedModel half = MixedModel.in(folder.resolve("model"), type);

    half.compress(folder.resolve("whole"), WHOLE, 0);
    half.compress(folder.resolve("bands"), SMALL, 3);

    SortedMap<String, byte[]> whole = RunFiles.below(folder.resolve("whole/model"));
    RunFiles.below(folder.resolve("bands/model"))
        .forEach((file, bytes) -> assertArrayEquals(whole.get(file), bytes, file));
  }

  /** What lies in the file is what quantizing the whole matrix in memory gives. */
  @Test
  void theFileHoldsWhatTheMethodGivesOnTheWholeMatrix() {
    Path output = directory.resolve("bands against memory");
    mixed.compress(output, SMALL, 0);
    Storage storage = SharedSpark.storage();
    Checkpoint packed = Checkpoint.open(storage, storage.path(output.resolve("model").toString()));

    int compared = 0;
    try (TensorReader reader = new TensorReader(storage)) {
      for (PlannedTensor planned : mixed.plan(SMALL).layers()) {
        String name = planned.tensor().name();
        Coded inMemory =
            planned.quantizer().quantize(reader.rows(planned.tensor(), 0, planned.rows()));
        Iterator<byte[]> expected = inMemory.pack().pieces().iterator();
        for (Piece piece : inMemory.levels().pieces(planned.rows(), planned.columns())) {
          String stored = name + piece.suffix();
          assertArrayEquals(expected.next(), bytes(reader, packed, stored), stored);
        }
        compared++;
      }
    }
    assertEquals(13, compared);
  }

  /** Real bands, by the command line: 4,190 of 4,200 rows of 1001 columns, and the other ten. */
  @Test
  void aMatrixOfMoreThanOneBandIsJoined() {
    Path model = directory.resolve("large");
    new SafetensorsBuilder()
        .random("layers.0.weight", DType.F16, List.of(4200, 1001))
        .write(model.resolve("model.safetensors"));
    Path output = directory.resolve("large-run");

    Invocation.of(
            "compress",
            "--model",
            model,
            "--recipe",
            "bitnet-absmean",
            "--weights-only",
            "--output",
            output)
        .exits(0);

    Storage storage = SharedSpark.storage();
    Checkpoint original = Checkpoint.open(storage, storage.path(model.toString()));
    Checkpoint packed = Checkpoint.open(storage, storage.path(output.resolve("model").toString()));
    assertEquals(2, RunFiles.json(output.resolve("plan.json")).get("shards").asInt());
    try (TensorReader reader = new TensorReader(storage)) {
      var whole = reader.rows(original.tensor("layers.0.weight").orElseThrow(), 0, 4200);
      PackedPlanes inMemory = PackedPlanes.of(new Absmean(Group.TENSOR).quantize(whole).planes());
      assertArrayEquals(inMemory.trits(), bytes(reader, packed, "layers.0.weight.trits"));
      assertArrayEquals(inMemory.scales(), bytes(reader, packed, "layers.0.weight.scales"));
    }
  }

  private static byte[] bytes(TensorReader reader, Checkpoint packed, String name) {
    var tensor = packed.tensor(name).orElseThrow();
    return reader.bytes(tensor, 0, Math.toIntExact(tensor.bytes()));
  }

  @Test
  void keysOfShardsAreDifferentAndDoNotDependOnTheirNumber() {
    List<String> keys = mixed.plan(SMALL).shards().stream().map(LayerShard::key).toList();

    assertEquals(keys.size(), keys.stream().distinct().count());
    assertEquals(keys, mixed.plan(SMALL).shards().stream().map(LayerShard::key).toList());
  }
}
