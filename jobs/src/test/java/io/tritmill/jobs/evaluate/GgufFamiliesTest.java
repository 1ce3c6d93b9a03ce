package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.model.CheckpointSource;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tiny random models that llama.cpp's converter wrote, against the logits that transformers
 * computed of what they were made from; {@code foreign/golden/gguf_files.py} makes them.
 */
class GgufFamiliesTest {
  static final Path FILES = Path.of("src/test/resources/gguf").toAbsolutePath();

  private final Storage storage = new Storage(new Configuration());

  static Stream<String> models() throws IOException {
    try (Stream<Path> files = Files.list(FILES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".gguf"))
          .map(name -> name.replace(".gguf", ""))
          .sorted()
          .toList()
          .stream();
    }
  }

  /** Gains of norms among them are stored whole. */
  @Test
  void whatPredictsFurtherTokensIsKept() {
    Path file = FILES.resolve("qwen3_5-predicting.gguf");
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(file.toString()));
    assertEquals(
        List.of(
            "mtp.fc.weight",
            "mtp.norm.weight",
            "mtp.pre_fc_norm_embedding.weight",
            "mtp.pre_fc_norm_hidden.weight"),
        checkpoint.extras().stream().map(TensorInfo::name).sorted().toList());
    try (TensorReader reader = new TensorReader(storage)) {
      for (TensorInfo extra : checkpoint.extras()) {
        float[] expected = new float[(int) extra.elements()];
        Arrays.fill(expected, 0.5f);
        assertArrayEquals(expected, reader.rows(extra, 0, (int) extra.rows()).values());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void logitsAreThoseOfTransformers(String model) throws IOException {
    Checkpoint checkpoint =
        Checkpoint.open(storage, storage.path(FILES.resolve(model + ".gguf").toString()));
    checkpoint.check();
    boolean predicting = model.endsWith("-predicting");
    assertEquals(predicting, !checkpoint.extras().isEmpty(), () -> checkpoint.extras().toString());
    assertEquals(predicting, !checkpoint.remarks().isEmpty());
    GoldenLogits.read(storage, FILES.resolve(model + ".safetensors"))
        .assertSame(new CheckpointSource(storage, checkpoint));
  }
}
