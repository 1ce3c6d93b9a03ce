package io.tritmill.jobs.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is what the reader, which trusts nothing, finds. */
class GgufWriterTest {
  private static final Map<String, Object> KEYS = new LinkedHashMap<>();

  static {
    KEYS.put("general.architecture", "llama");
    KEYS.put("llama.block_count", 7);
    KEYS.put("llama.rope.freq_base", 10_000f);
    KEYS.put("flag", true);
    KEYS.put("names", new GgufArray(3, List.of("a", "", "\u2581b")));
    KEYS.put("numbers", new GgufArray(2, List.of(-1, 5)));
    KEYS.put("none", new GgufArray(0, List.of()));
  }

  @TempDir private java.nio.file.Path directory;
  private final Storage storage = new Storage(new Configuration(false));

  private static GgufTensor tensor(String name, GgufType type, byte fill, Long... shape) {
    return new GgufTensor(
        name,
        type,
        List.of(shape),
        out -> {
          byte[] bytes =
              new byte[(int) type.bytes(Arrays.stream(shape).reduce(1L, (a, b) -> a * b))];
          Arrays.fill(bytes, fill);
          out.write(bytes);
        });
  }

  private List<Path> write(long partBytes, GgufTensor... tensors) {
    Path file = storage.path(directory.resolve("m.gguf").toString());
    return new GgufWriter(storage, KEYS, List.of(tensors)).write(file, partBytes);
  }

  private static GgufTensor[] three() {
    return new GgufTensor[] {
      tensor("one", GgufType.Q4_0, (byte) 1, 3L, 32L),
      tensor("two", GgufType.F32, (byte) 2, 5L),
      tensor("three", GgufType.TQ2_0, (byte) 3, 2L, 2L, 256L)
    };
  }

  @Test
  void keysAndTensorsAreRead() throws IOException {
    List<Path> files = write(Long.MAX_VALUE, three());
    GgufModel model = GgufModel.open(storage, files, Set.of("names", "numbers"));
    Map<String, Object> values = model.keys().values();
    assertEquals(KEYS.keySet(), values.keySet());
    assertEquals(7L, values.get("llama.block_count"));
    assertEquals(10_000f, values.get("llama.rope.freq_base"));
    assertEquals(true, values.get("flag"));
    assertEquals(KEYS.get("names"), values.get("names"));
    assertEquals(KEYS.get("numbers"), values.get("numbers"));
    assertEquals(
        List.of("one", "two", "three"),
        model.tensors().stream().map(GgufModel.Tensor::name).toList());
    GgufModel.Tensor last = model.tensors().getLast();
    assertEquals(List.of(2L, 2L, 256L), last.shape());
    byte[] all = java.nio.file.Files.readAllBytes(directory.resolve("m.gguf"));
    byte[] expected = new byte[(int) last.bytes()];
    Arrays.fill(expected, (byte) 3);
    int from = (int) last.offset();
    assertArrayEquals(expected, Arrays.copyOfRange(all, from, from + expected.length));
    assertEquals(0, from % 32);
  }

  @Test
  void partsAreReadAsOneModel() {
    List<Path> files = write(100, three());
    assertEquals(
        List.of("m-00001-of-00002.gguf", "m-00002-of-00002.gguf"),
        files.stream().map(Path::getName).toList());
    List<Path> found = GgufFiles.at(storage, files.getLast()).orElseThrow();
    GgufModel model = GgufModel.open(storage, found, Set.of());
    assertEquals(3, model.tensors().size());
    assertEquals("llama", model.keys().text("general.architecture").orElseThrow());
  }

  @Test
  void namesThatGgmlHasNoRoomForAreRefused() {
    GgufTensor fits = tensor("x".repeat(63), GgufType.F32, (byte) 0, 1L);
    assertEquals(1, write(Long.MAX_VALUE, fits).size());
    GgufTensor longer = tensor("\u00e4".repeat(32), GgufType.F32, (byte) 0, 1L);
    BadInputException refused =
        assertThrows(BadInputException.class, () -> write(Long.MAX_VALUE, longer));
    assertTrue(refused.getMessage().contains("has a name of 64 bytes"), refused.getMessage());
  }
}
