package io.tritmill.jobs.checkpoint;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.tensor.Float8;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyntheticCheckpointTest {
  private static final SyntheticShape TINY = SyntheticShape.of("tiny");

  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration(false));

  private Checkpoint write(String name, long seed) {
    return SyntheticCheckpoint.write(
        storage, storage.path(folder.resolve(name).toString()), TINY, seed);
  }

  @Test
  void opensChecksAndIsFinite() {
    Checkpoint checkpoint = write("a", 0);
    assertTrue(checkpoint.files().size() > 1, "shards");
    assertEquals(List.of(), checkpoint.extras());
    assertFalse(checkpoint.architecture().tied());
    try (TensorReader reader = new TensorReader(storage)) {
      for (TensorInfo tensor : checkpoint.tensors()) {
        int rows = Math.toIntExact(tensor.rows());
        assertEquals(rows, reader.rows(tensor, 0, rows).rows());
      }
    }
  }

  @Test
  void sameSeedSameBytesOtherSeedOtherBytes() throws IOException {
    write("a", 7);
    write("b", 7);
    write("c", 8);
    List<Path> files;
    try (var listed = Files.list(folder.resolve("a"))) {
      files = listed.map(Path::getFileName).sorted().toList();
    }
    assertTrue(files.size() > 3);
    for (Path file : files) {
      byte[] a = Files.readAllBytes(folder.resolve("a").resolve(file));
      assertArrayEquals(a, Files.readAllBytes(folder.resolve("b").resolve(file)), "" + file);
      byte[] c = Files.readAllBytes(folder.resolve("c").resolve(file));
      assertEquals(file.toString().endsWith(".json"), Arrays.equals(a, c), "" + file);
    }
  }

  @Test
  void rowsDifferInScaleAndSomeColumnsStandOut() {
    int rows = 400;
    int columns = 2048;
    RandomWeights weights = new RandomWeights(0, "w", columns, true);
    double[] rowSquares = new double[rows];
    double[] columnSquares = new double[columns];
    float[] row = new float[columns];
    double sum = 0;
    for (int r = 0; r < rows; r++) {
      weights.row(r, row);
      for (int c = 0; c < columns; c++) {
        double square = (double) row[c] * row[c];
        rowSquares[r] += square;
        columnSquares[c] += square;
        sum += row[c];
      }
    }
    Arrays.sort(rowSquares);
    Arrays.sort(columnSquares);
    assertEquals(0, sum / rows / columns, 1e-4);
    assertEquals(1, Math.sqrt(rowSquares[rows / 2]), 0.2, "typical norm of a row");
    assertTrue(rowSquares[rows * 9 / 10] > 2 * rowSquares[rows / 10], "spread of the rows");
    assertTrue(columnSquares[columns - 1] > 5 * columnSquares[columns / 2], "outliers");
    assertTrue(columnSquares[columns * 9 / 10] < 2 * columnSquares[columns / 2], "few outliers");
  }

  @Test
  void presetsHaveTheSizesOfTheirModels() {
    assertEquals(22, SyntheticShape.of("1.1b").config().get("num_hidden_layers"));
    assertEquals(11_008, SyntheticShape.of("7b").config().get("intermediate_size"));
    BadInputException refusal =
        assertThrows(BadInputException.class, () -> SyntheticShape.of("8b"));
    assertEquals(ExitCode.USAGE, refusal.exitCode());
    assertEquals(
        "Shape '8b' is unknown, expected one of [tiny, 160m, 1.1b, 3b, 7b, 30b-a3b, 70b, 405b, 671b, 671b-fp8]",
        refusal.getMessage());
  }

  @Test
  void headersAloneTakeHardlyAnyRoomAndDescribeTheModel() throws IOException {
    var directory = storage.path(folder.resolve("h").toString());
    SyntheticCheckpoint.writeHeaders(storage, directory, SyntheticShape.of("30b-a3b"));
    Checkpoint checkpoint = Checkpoint.open(storage, directory);
    checkpoint.check();
    long bytes = checkpoint.tensors().stream().mapToLong(tensor -> tensor.bytes()).sum();
    assertEquals(30_532_122_624L * 2, bytes, "the weights of Qwen3-30B-A3B");
    assertThrows(
        BadInputException.class,
        () ->
            SyntheticCheckpoint.writeHeaders(
                storage, new org.apache.hadoop.fs.Path("hdfs://host/x"), TINY));
  }

  @Test
  void aMixtureIsAlsoMadeAsItIsPublished() {
    var directory = storage.path(folder.resolve("f").toString());
    SyntheticCheckpoint.writeHeaders(
        storage, directory, SyntheticShape.of("671b-fp8").withBlocks(4));
    Checkpoint checkpoint = Checkpoint.open(storage, directory);
    checkpoint.check();
    checkpoint.requireReadable();
    var expert = checkpoint.tensor("model.layers.3.mlp.experts.255.down_proj.weight").orElseThrow();
    assertEquals("F8_E4M3", expert.dtype());
    var scales = expert.dress().companion().orElseThrow();
    assertEquals(List.of(56L, 16L), scales.shape());
    assertEquals("model.layers.3.mlp.experts.255.down_proj.weight_scale_inv", scales.name());
    var latent =
        checkpoint.tensor("model.layers.0.self_attn.kv_a_proj_with_mqa.weight").orElseThrow();
    assertEquals(List.of(5L, 56L), latent.dress().companion().orElseThrow().shape());
    for (String name : List.of("lm_head", "model.layers.3.mlp.gate", "model.norm")) {
      assertEquals("BF16", checkpoint.tensor(name + ".weight").orElseThrow().dtype());
    }
  }

  @Test
  void floatsOfEightBitsAreTheWeightsRounded() throws IOException {
    TensorSpec spec = new TensorSpec("w", "w", "w", List.of(130, 200));
    float[][] decoded = new float[2][200];
    byte[] codes = bytes(SyntheticTensor.scaled(spec).getFirst(), 3);
    byte[] scales = bytes(SyntheticTensor.scaled(spec).getLast(), 3);
    assertEquals(130 * 200, codes.length);
    assertEquals(2 * 2 * 4, scales.length);
    float scale = java.nio.ByteBuffer.wrap(scales).order(LITTLE_ENDIAN).getFloat();
    Float8.decode(codes, 129 * 200, scale, decoded[0], 0, 200);
    new RandomWeights(3, "w", 200, true).row(129, decoded[1]);
    for (int column = 0; column < 200; column++) {
      float weight = decoded[1][column];
      assertEquals(weight, decoded[0][column], Math.abs(weight) / 16 + scale / 1024);
    }
  }

  private static byte[] bytes(SyntheticTensor tensor, long seed) throws IOException {
    var out = new java.io.ByteArrayOutputStream();
    tensor.write(out, seed);
    assertEquals(tensor.bytes(), out.size());
    return out.toByteArray();
  }

  @Test
  void blocksCanBeFewer() {
    SyntheticShape one = SyntheticShape.of("671b").withBlocks(1);
    assertEquals(1, one.config().get("num_hidden_layers"));
    assertEquals(61, SyntheticShape.of("671b").config().get("num_hidden_layers"));
    assertThrows(BadInputException.class, () -> one.withBlocks(0));
  }

  @Test
  void aDescriptionHasTheTensorsOfTheCheckpointAndNoWeights() {
    var directory = storage.path(folder.resolve("d").toString());
    Checkpoint described = SyntheticCheckpoint.describe(storage, directory, TINY);

    assertTrue(described.isDescribed());
    described.check();
    assertEquals(
        write("a", 0).tensors().stream()
            .map(t -> t.name() + t.dtype() + t.shape())
            .sorted()
            .toList(),
        described.tensors().stream().map(t -> t.name() + t.dtype() + t.shape()).sorted().toList());
    assertEquals(
        ExitCode.BROKEN_INPUT,
        assertThrows(BadInputException.class, () -> Checkpoint.open(storage, directory))
            .exitCode());
    assertFalse(Checkpoint.openOrDescribe(storage, storage.path(folder + "/a")).isDescribed());
  }

  @Test
  void whatIsThereIsNotOverwritten() {
    write("a", 0);
    BadInputException refusal = assertThrows(BadInputException.class, () -> write("a", 0));
    assertEquals(ExitCode.CONFLICT, refusal.exitCode());
  }
}
