package io.tritmill.jobs.model;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.format.PackedEntry;
import io.tritmill.jobs.format.PackedMetadata;
import io.tritmill.jobs.recipe.Transforms;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.List;
import java.util.TreeMap;

/**
 * A packed model: quantized matrices stay trits in memory and are decoded row by row, all else is
 * read as a checkpoint's.
 *
 * @param storage the file systems
 * @param checkpoint the packed model's files
 * @param entries the packed tensors, by name
 * @param transforms what was done to the model before its matrices were quantized; tensors that
 *     were not are stored as they were before
 */
public record PackedSource(
    Storage storage,
    Checkpoint checkpoint,
    TreeMap<String, PackedEntry> entries,
    Transforms transforms)
    implements ModelSource {
  private static final long serialVersionUID = 1L;

  /**
   * Opens a packed model and checks that every tensor that its configuration asks for is there.
   *
   * @throws BadInputException if one is missing or of another shape
   */
  static PackedSource open(Storage storage, Checkpoint checkpoint) {
    TreeMap<String, PackedEntry> entries = new TreeMap<>();
    Transforms transforms = Transforms.NONE;
    for (String file : checkpoint.files()) {
      entries.putAll(PackedMetadata.read(file, checkpoint.metadata(file)));
      transforms = PackedMetadata.transforms(file, checkpoint.metadata(file));
    }
    PackedSource source = new PackedSource(storage, checkpoint, entries, transforms);
    source.architecture().tensors().forEach(source::check);
    return source;
  }

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
    ModelSource kept = new CheckpointSource(storage, checkpoint);
    return new Tensors(
        this,
        new PackedMatrices(storage, checkpoint),
        TransformedSource.of(kept, transforms).open());
  }

  @Override
  public Rotations rotations() {
    return transforms.rotations(architecture());
  }

  private void check(TensorSpec spec) {
    PackedEntry entry = entries.get(spec.name());
    List<Long> expected = spec.shape().stream().map(Integer::longValue).toList();
    List<Long> found =
        entry == null
            ? checkpoint.tensor(spec.name()).map(TensorInfo::shape).orElse(List.of())
            : List.of((long) entry.rows(), (long) entry.columns());
    if (!found.equals(expected)) {
      throw BadInputException.broken(
          "%s: tensor %s has shape %s, expected %s; is the model complete?",
          checkpoint.directory(), spec.name(), found, expected);
    }
  }

  private record Tensors(PackedSource source, PackedMatrices packed, ModelTensors kept)
      implements ModelTensors {
    @Override
    public WeightRows matrix(TensorSpec spec) {
      PackedEntry entry = source.entries.get(spec.name());
      return entry == null ? kept.matrix(spec) : packed.whole(spec.name(), entry);
    }

    @Override
    public float[] vector(TensorSpec spec) {
      return kept.vector(spec);
    }

    @Override
    public void rows(TensorSpec spec, int firstRow, int count, float[] into) {
      PackedEntry entry = source.entries.get(spec.name());
      if (entry == null) {
        kept.rows(spec, firstRow, count, into);
      } else {
        packed.rows(spec.name(), entry, firstRow, count, into);
      }
    }

    @Override
    public void close() {
      kept.close();
    }
  }
}
