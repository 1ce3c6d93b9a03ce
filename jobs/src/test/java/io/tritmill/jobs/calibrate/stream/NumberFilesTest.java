package io.tritmill.jobs.calibrate.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NumberFilesTest {
  private static final int COUNT = 50_000;

  private final Storage storage = SharedSpark.storage();

  @TempDir private Path directory;

  private org.apache.hadoop.fs.Path path() {
    return storage.path(directory.resolve("numbers").toString());
  }

  private float[] written() throws IOException {
    float[] values = new float[COUNT];
    Random random = new Random(3);
    for (int i = 0; i < COUNT; i++) {
      values[i] = random.nextFloat();
    }
    NumberFiles.write(storage, path(), values, COUNT);
    return values;
  }

  @Test
  void whatIsWrittenIsReadInPiecesOfAnySize() throws IOException {
    float[] values = written();

    assertArrayEquals(values, NumberFiles.readFloats(storage, path(), COUNT));
    float[] piece = new float[777];
    try (NumberFiles.Reader reader = NumberFiles.open(storage, path().toString(), COUNT)) {
      for (int at = 0; at < COUNT; at += piece.length) {
        int count = Math.min(piece.length, COUNT - at);
        reader.read(piece, count);
        assertArrayEquals(Arrays.copyOfRange(values, at, at + count), Arrays.copyOf(piece, count));
      }
    }
  }

  @Test
  void doublesAreReadWholeOrFromTheMiddle() throws IOException {
    double[] values = new Random(4).doubles(20_000).toArray();
    try (NumberFiles.Writer file = NumberFiles.create(storage, path())) {
      file.write(values);
      file.commit();
    }

    assertArrayEquals(values, NumberFiles.readDoubles(storage, path(), values.length));
    assertArrayEquals(
        Arrays.copyOfRange(values, 9_000, 18_500),
        NumberFiles.readDoubles(storage, path(), 9_000, 9_500));
  }

  @Test
  void aChangedByteIsFound() throws IOException {
    written();
    Path file = directory.resolve("numbers");
    byte[] sound = Files.readAllBytes(file);
    Random random = new Random(5);
    for (int change = 0; change < 20; change++) {
      byte[] changed = sound.clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, changed);
      Files.deleteIfExists(directory.resolve(".numbers.crc"));

      BadInputException found =
          assertThrows(
              BadInputException.class, () -> NumberFiles.readFloats(storage, path(), COUNT));
      assertTrue(found.getMessage().contains("has changed since"), found.getMessage());
    }
  }

  @Test
  void anotherLengthIsFoundBeforeAnythingIsRead() throws IOException {
    written();

    assertThrows(
        BadInputException.class, () -> NumberFiles.open(storage, path().toString(), COUNT - 1));
  }
}
