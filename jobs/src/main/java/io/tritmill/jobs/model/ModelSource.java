package io.tritmill.jobs.model;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rotations;
import java.io.Serializable;
import java.util.List;

/**
 * Where a model lies: a checkpoint, a run, or any other home of named tensors.
 *
 * <p>Travels to executors; no weight travels with it.
 */
public interface ModelSource extends Serializable {
  /** What the model is: its sublayers, and the tensors that the forward pass needs. */
  Architecture architecture();

  /** How the model is rotated; by default not at all. */
  default Rotations rotations() {
    return Rotations.NONE;
  }

  /** What a person should know of how config.json was read, a sentence each. */
  default List<String> remarks() {
    return List.of();
  }

  /** Opens the tensors for one task, which closes them. */
  ModelTensors open();
}
