package io.tritmill.jobs.model;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.List;

/**
 * A model as a checkpoint stores it.
 *
 * @param storage the file systems
 * @param checkpoint checked, with a config.json
 */
public record CheckpointSource(Storage storage, Checkpoint checkpoint) implements ModelSource {
  private static final long serialVersionUID = 1L;

  @Override
  public Architecture architecture() {
    return checkpoint.architecture();
  }

  @Override
  public List<String> remarks() {
    return checkpoint.configRemarks();
  }

  @Override
  public ModelTensors open() {
    return new Tensors(checkpoint, new TensorReader(storage));
  }

  private record Tensors(Checkpoint checkpoint, TensorReader reader) implements ModelTensors {
    @Override
    public WeightRows matrix(TensorSpec spec) {
      return reader.held(info(spec));
    }

    @Override
    public float[] vector(TensorSpec spec) {
      return reader.rows(info(spec), 0, 1).values();
    }

    @Override
    public void rows(TensorSpec spec, int firstRow, int count, float[] into) {
      reader.rows(info(spec), firstRow, count, into);
    }

    private TensorInfo info(TensorSpec spec) {
      return checkpoint
          .tensor(spec.name())
          .orElseThrow(
              () -> new IllegalStateException(spec.name() + " is missing; was it checked?"));
    }

    @Override
    public void close() {
      reader.close();
    }
  }
}
