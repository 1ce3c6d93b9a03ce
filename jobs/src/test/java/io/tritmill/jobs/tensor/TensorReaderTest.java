package io.tritmill.jobs.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsHeader;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.EncodedRows;
import io.tritmill.kernels.tensor.Matrix;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TensorReaderTest {
  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration(false));

  private TensorInfo write(SafetensorsBuilder builder) {
    Path file = folder.resolve("model.safetensors");
    builder.write(file);
    return SafetensorsHeader.read(storage, storage.path(file.toString())).tensors().getLast();
  }

  @ParameterizedTest
  @EnumSource
  void bandsAreTheRowsOfTheWhole(DType type) {
    float[] values = {1, -2, 0.5f, 4, 0, -0.25f, 8, 3, 96, 7, 6, 5};
    TensorInfo tensor =
        write(
            new SafetensorsBuilder()
                .random("before", type, List.of(7))
                .tensor("w", type, List.of(4, 3), values));
    try (TensorReader reader = new TensorReader(storage)) {
      assertArrayEquals(values, reader.rows(tensor, 0, 4).values());
      assertEquals(0, reader.rows(tensor, 4, 0).rows());
      Matrix middle = reader.rows(tensor, 1, 2);
      assertEquals(2, middle.rows());
      assertEquals(3, middle.columns());
      assertArrayEquals(new float[] {4, 0, -0.25f, 8, 3, 96}, middle.values());
      float[] into = {9, 9, 9, 9};
      reader.rows(tensor, 3, 1, into);
      assertArrayEquals(new float[] {7, 6, 5, 9}, into);
      EncodedRows encoded = reader.encoded(tensor);
      encoded.decode(2, 1, into, 1);
      assertArrayEquals(new float[] {7, 8, 3, 96}, into);
      assertArrayEquals(encoded.bytes(), reader.bytes(tensor, 0, Math.toIntExact(tensor.bytes())));
      assertThrows(IndexOutOfBoundsException.class, () -> reader.rows(tensor, 3, 2));
      assertThrows(IndexOutOfBoundsException.class, () -> reader.bytes(tensor, -1, 2));
      assertThrows(
          IndexOutOfBoundsException.class, () -> reader.bytes(tensor, tensor.bytes() - 1, 2));
    }
  }

  @Test
  void aVectorIsOneRowAndAScalarOneElement() {
    try (TensorReader reader = new TensorReader(storage)) {
      TensorInfo vector =
          write(new SafetensorsBuilder().tensor("v", DType.F32, List.of(3), 1, 2, 3));
      assertArrayEquals(new float[] {1, 2, 3}, reader.rows(vector, 0, 1).values());
    }
    try (TensorReader reader = new TensorReader(storage)) {
      TensorInfo scalar = write(new SafetensorsBuilder().tensor("s", DType.F32, List.of(), 5));
      assertArrayEquals(new float[] {5}, reader.rows(scalar, 0, 1).values());
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void weightsThatAreNotFiniteAreNamed(float value) {
    TensorInfo tensor =
        write(
            new SafetensorsBuilder().tensor("w", DType.BF16, List.of(3, 2), 1, 2, 3, 4, 5, value));
    try (TensorReader reader = new TensorReader(storage)) {
      assertEquals(2, reader.rows(tensor, 0, 2).rows());
      for (BadInputException refusal :
          List.of(
              assertThrows(BadInputException.class, () -> reader.rows(tensor, 1, 2)),
              assertThrows(BadInputException.class, () -> reader.rows(tensor, 2, 1)),
              assertThrows(BadInputException.class, () -> reader.encoded(tensor)))) {
        assertEquals(ExitCode.BROKEN_INPUT, refusal.exitCode());
        assertTrue(
            refusal
                .getMessage()
                .contains("model.safetensors: tensor w has %s in row 2, column 1".formatted(value)),
            refusal.getMessage());
      }
    }
  }

  @Test
  void otherTypesAreNoWeights() {
    TensorInfo tensor = write(new SafetensorsBuilder().raw("w", "I8", List.of(2, 2), new byte[4]));
    try (TensorReader reader = new TensorReader(storage)) {
      BadInputException refusal =
          assertThrows(BadInputException.class, () -> reader.rows(tensor, 0, 1));
      assertEquals(ExitCode.UNSUPPORTED, refusal.exitCode());
      assertTrue(refusal.getMessage().contains("tensor w has dtype I8"), refusal.getMessage());
      assertEquals(4, reader.bytes(tensor, 0, 4).length);
    }
  }

  @Test
  void aFileThatShrankIsSaidToHaveEnded() throws IOException {
    TensorInfo tensor = write(new SafetensorsBuilder().random("w", DType.F32, List.of(8, 8)));
    Path file = folder.resolve("model.safetensors");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(Files.size(file) - 1);
    }
    try (TensorReader reader = new TensorReader(storage)) {
      assertEquals(7, reader.rows(tensor, 0, 7).rows());
      BadInputException refusal =
          assertThrows(BadInputException.class, () -> reader.rows(tensor, 7, 1));
      assertEquals(ExitCode.BROKEN_INPUT, refusal.exitCode());
      assertTrue(refusal.getMessage().contains("ended inside tensor w"), refusal.getMessage());
    }
  }
}
