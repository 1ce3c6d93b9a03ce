package io.tritmill.jobs.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.model.ModelTensors;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.TensorSpec;
import java.nio.file.Path;
import java.util.Map;

/** The weights of a packed model as the forward pass reads them. */
public final class ForwardWeights {
  private ForwardWeights() {}

  /**
   * Requires every bit of them to be what another reader found.
   *
   * @param read matrices by name
   * @return how many matrices of the model it had read
   */
  public static int assertSame(Path model, Map<String, float[]> read) {
    Storage storage = SharedSpark.storage();
    ModelSource source = ModelSources.open(storage, storage.path(model.toString()));
    int compared = 0;
    try (ModelTensors tensors = source.open()) {
      for (TensorSpec spec : source.architecture().tensors()) {
        if (read.containsKey(spec.name())) {
          float[] ours = new float[spec.shape().get(0) * spec.shape().get(1)];
          tensors.matrix(spec).decode(0, spec.shape().get(0), ours, 0);
          assertArrayEquals(read.get(spec.name()), ours, spec.name());
          compared++;
        }
      }
    }
    return compared;
  }
}
