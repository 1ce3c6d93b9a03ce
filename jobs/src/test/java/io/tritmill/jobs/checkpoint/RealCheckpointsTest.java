package io.tritmill.jobs.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.model.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RealCheckpointsTest {
  private final Storage storage = new Storage(new Configuration(false));

  @ParameterizedTest
  @CsvSource({
    "demo-6m, 1, BF16, 5770496, 6",
    "stories260K, 1, F32, 260032, 5",
    "stories260K-f16-sharded, 3, F16, 260032, 5"
  })
  void trainedModelsOpenAndCheck(
      String name, int files, String dtype, long parameters, int blocks) {
    Path directory = Path.of(System.getProperty("tritmill.shared", ""), "models", name);
    assumeTrue(Files.isDirectory(directory), "needs the shared models");
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(directory.toString()));
    checkpoint.check();
    assertEquals(files, checkpoint.files().size());
    assertEquals(blocks, checkpoint.architecture().blocks());
    assertTrue(checkpoint.architecture().tied());
    assertEquals(List.of(), checkpoint.extras());
    assertEquals(List.of(), checkpoint.remarks());
    assertEquals(parameters, checkpoint.tensors().stream().mapToLong(TensorInfo::elements).sum());
    assertTrue(checkpoint.tensors().stream().allMatch(tensor -> tensor.dtype().equals(dtype)));
    try (TensorReader reader = new TensorReader(storage)) {
      for (TensorSpec spec : checkpoint.architecture().tensors()) {
        TensorInfo tensor = checkpoint.tensor(spec.name()).orElseThrow();
        int rows = Math.toIntExact(tensor.rows());
        float[] whole = reader.rows(tensor, 0, rows).values();
        float[] last = reader.rows(tensor, rows - 1, 1).values();
        for (int column = 0; column < last.length; column++) {
          assertEquals(whole[(rows - 1) * last.length + column], last[column]);
        }
      }
    }
  }
}
