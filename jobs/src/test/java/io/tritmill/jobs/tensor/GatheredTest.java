package io.tritmill.jobs.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.Gathered.Run;
import io.tritmill.jobs.tensor.Gathered.Section;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tensors that are made of others by order, by value, or of several. */
class GatheredTest {
  private static final int EXPERTS = 3;
  private static final int ROWS = 5;
  private static final int COLUMNS = 64;

  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration(false));
  private final Random random = new Random(11);

  /** A tensor of its own file, whose every code is a number. */
  private TensorInfo stored(String name, String type, long... shape) throws IOException {
    List<Long> dimensions = Arrays.stream(shape).boxed().toList();
    long elements = dimensions.stream().reduce(1L, Math::multiplyExact);
    Encoding encoding = Encoding.of(type).orElseThrow();
    byte[] bytes = new byte[(int) encoding.bytes(elements)];
    if (encoding instanceof DType plain) {
      float[] values = new float[(int) elements];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextInt(-100, 100) / 8f;
      }
      plain.encode(values, 0, bytes, 0, values.length);
    } else {
      random.nextBytes(bytes);
      for (int block = 0; block < bytes.length; block += encoding.blockBytes()) {
        bytes[block + 1] = 0x20; // of the scales, so that they are finite
        bytes[block + 3] = 0x20;
      }
    }
    Path file = Files.write(folder.resolve(name), bytes);
    return new TensorInfo(
        name, type, dimensions, storage.path(file.toString()).toString(), 0, bytes.length);
  }

  private float[] values(TensorInfo tensor) {
    try (TensorReader reader = new TensorReader(storage)) {
      return reader.rows(tensor, 0, (int) tensor.rows()).values();
    }
  }

  /** Any rows and any bytes are those of the whole. */
  private void assertWhole(float[] expected, TensorInfo tensor) {
    assertArrayEquals(expected, values(tensor), tensor::toString);
    int columns = (int) tensor.columns();
    try (TensorReader reader = new TensorReader(storage)) {
      byte[] all = reader.bytes(tensor, 0, (int) tensor.readBytes());
      for (int i = 0; i < 200; i++) {
        int row = random.nextInt((int) tensor.rows());
        int count = random.nextInt(1, (int) tensor.rows() - row + 1);
        assertArrayEquals(
            Arrays.copyOfRange(expected, row * columns, (row + count) * columns),
            reader.rows(tensor, row, count).values());
        int from = random.nextInt(all.length);
        int bytes = random.nextInt(all.length - from + 1);
        assertArrayEquals(
            Arrays.copyOfRange(all, from, from + bytes), reader.bytes(tensor, from, bytes));
      }
    }
  }

  /** Of each expert gate, then up; or row by row. */
  private static Section turns(long repeats, long units) {
    return new Section(repeats, List.of(new Run(0, 0, units, units), new Run(1, 0, units, units)));
  }

  @ParameterizedTest
  @CsvSource({"F32, F32, 5", "F16, F16, 1", "Q8_0, Q8_0, 5", "Q8_0, Q4_0, 1", "BF16, F32, 5"})
  void rowsOfTwoStacksAreJoined(String first, String second, int together) throws IOException {
    TensorInfo gate = stored("gate", first, EXPERTS, ROWS, COLUMNS);
    TensorInfo up = stored("up", second, EXPERTS, ROWS, COLUMNS);
    List<Long> shape = List.of((long) EXPERTS, 2L * ROWS, (long) COLUMNS);
    List<Section> order = List.of(turns((long) EXPERTS * ROWS / together, together));
    TensorInfo joined = Gathered.of("both", shape, List.of(gate, up), order, COLUMNS);
    assertEquals(first.equals(second) ? first : "F32", joined.encoding().orElseThrow().name());
    float[][] parts = {values(gate), values(up)};
    float[] expected = new float[2 * EXPERTS * ROWS * COLUMNS];
    for (int row = 0; row < 2 * EXPERTS * ROWS; row++) {
      int part = row / together % 2;
      int of = row / (2 * together) * together + row % together;
      System.arraycopy(parts[part], of * COLUMNS, expected, row * COLUMNS, COLUMNS);
    }
    assertWhole(expected, joined);
    int matrix = 2 * ROWS * COLUMNS;
    for (TensorInfo expert : new Stack(joined, false).all()) {
      int from = Stack.index(expert.name()) * matrix;
      assertWhole(Arrays.copyOfRange(expected, from, from + matrix), expert);
    }
  }

  /** Heads of columns in another order; where a head is no whole block, rows are decoded. */
  @ParameterizedTest
  @CsvSource({"F32, 8", "Q8_0, 32", "Q8_0, 16", "Q4_K, 64", "F16, 4"})
  void columnsAreMovedByHeads(String type, int size) throws IOException {
    int keys = 2;
    int share = type.equals("Q4_K") ? 2 : 3;
    int heads = keys * share;
    TensorInfo matrix = stored("output", type, 7, (long) heads * size);
    Run[] runs = new Run[heads];
    for (int head = 0; head < heads; head++) {
      runs[head] = new Run(0, (long) head % share * keys + head / share, 1, heads);
    }
    List<Section> order = List.of(new Section(7, List.of(runs)));
    TensorInfo moved = Gathered.of("moved", matrix.shape(), List.of(matrix), order, size);
    float[] from = values(matrix);
    float[] expected = new float[from.length];
    for (int i = 0; i < 7 * heads; i++) {
      int head = i % heads;
      int source = i - head + head % share * keys + head / share;
      System.arraycopy(from, source * size, expected, i * size, size);
    }
    assertWhole(expected, moved);
  }

  @ParameterizedTest
  @CsvSource({"F32, F32", "Q8_0, Q8_0", "Q8_0, F16", "BF16, BF16"})
  void keysAndValuesOfALatentAreOneMatrix(String first, String second) throws IOException {
    int heads = 3;
    int latent = 64;
    int ofKeys = 32;
    int ofValues = 5;
    TensorInfo keys = stored("keys", first, heads, latent, ofKeys);
    TensorInfo values = stored("values", second, heads, ofValues, latent);
    TensorInfo joint = Dress.jointKeyValues("joint", keys, values);
    assertEquals(List.of((long) heads * (ofKeys + ofValues), (long) latent), joint.shape());
    float[] k = values(keys);
    float[] v = values(values);
    float[] expected = new float[heads * (ofKeys + ofValues) * latent];
    int to = 0;
    for (int head = 0; head < heads; head++) {
      for (int row = 0; row < ofKeys + ofValues; row++) {
        for (int c = 0; c < latent; c++) {
          expected[to++] =
              row < ofKeys
                  ? k[(head * latent + c) * ofKeys + row]
                  : v[(head * ofValues + row - ofKeys) * latent + c];
        }
      }
    }
    assertWhole(expected, joint);
  }

  @Test
  void valuesAreTurnedBack() throws IOException {
    TensorInfo gains = stored("gains", "F32", 9);
    float[] less = values(gains);
    for (int i = 0; i < less.length; i++) {
      less[i] -= 1;
    }
    assertWhole(less, gains.in(Dress.changed(Dress.plain(), Change.LESS_ONE)));
    assertEquals((float) Math.log(2.5), Change.LOG_OF_NEGATIVE.of(-2.5f));
    TensorInfo given = Dress.given("given", List.of(2L), gains.file(), List.of(0.5f, -3f));
    assertWhole(new float[] {0.5f, -3f}, given);
  }

  /** The numbers of a bias are turned as rows are. */
  @Test
  void pairsOfABiasAreItsNumbers() throws IOException {
    TensorInfo bias = stored("bias", "F32", 12);
    float[] pairs = values(bias);
    float[] halves = new float[12];
    for (int i = 0; i < 12; i++) {
      int within = i % 6;
      halves[i] = pairs[i - within + (within < 3 ? 2 * within : 2 * (within - 3) + 1)];
    }
    assertWhole(halves, bias.in(Dress.interleaved(2)));
  }
}
