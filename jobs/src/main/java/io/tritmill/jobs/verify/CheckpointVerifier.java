package io.tritmill.jobs.verify;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.format.PackedMetadata;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Reads a checkpoint strictly, one that was exported or a GGUF file: its headers are sound, all
 * tensors of its architecture are there in the right shapes, every weight is finite, and what is
 * quantized has sound codes and scales.
 */
public final class CheckpointVerifier {
  /** Weights that are looked at together, unless a matrix is read whole. */
  private static final int BAND = 1 << 22;

  private final JavaSparkContext spark;
  private final Storage storage;

  public CheckpointVerifier(JavaSparkContext spark, Storage storage) {
    this.spark = spark;
    this.storage = storage;
  }

  /**
   * Reads all weights of a checkpoint.
   *
   * @param checkpoint as {@link #open} gives it
   */
  public CheckpointVerification verify(Checkpoint checkpoint) {
    List<TensorInfo> tensors = checkpoint.tensors();
    String[] found = new String[tensors.size()];
    List<List<Item>> items = new ArrayList<>();
    for (int t = 0; t < tensors.size(); t++) {
      items.add(List.of(new Item(t, tensors.get(t))));
    }
    Tasks.run(
        spark,
        "verify: %d tensors".formatted(tensors.size()),
        items,
        new Look(storage),
        looked -> found[looked.index()] = looked.problem());
    List<String> problems = new ArrayList<>();
    for (String problem : found) {
      if (!problem.isEmpty()) {
        problems.add(problem);
      }
    }
    long bytes = tensors.stream().mapToLong(TensorInfo::storedBytes).sum();
    return new CheckpointVerification(
        checkpoint.directory().toString(),
        checkpoint.files().size(),
        tensors.size(),
        bytes,
        problems);
  }

  /**
   * Opens a checkpoint and looks at its headers.
   *
   * @throws BadInputException if it cannot be opened, is broken, or is of no known architecture
   */
  public static Checkpoint open(Storage storage, Path path) {
    try {
      Checkpoint checkpoint = Checkpoint.open(storage, path);
      if (checkpoint.files().stream()
          .anyMatch(file -> PackedMetadata.isPacked(checkpoint.metadata(file)))) {
        throw BadInputException.usage(
            "%s: is the packed model of a run, which its manifest vouches for; give the run", path);
      }
      checkpoint.check();
      return checkpoint;
    } catch (BadInputException e) {
      // What is broken is what verifying is there to find.
      throw e.exitCode() == ExitCode.BROKEN_INPUT
          ? new BadInputException(ExitCode.VERIFICATION_FAILED, e.getMessage(), e)
          : e;
    }
  }

  private record Item(int index, TensorInfo tensor) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * @param problem empty where there is none
   */
  private record Looked(int index, String problem) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  private record Look(Storage storage) implements Tasks.Work<Item, Looked> {
    private static final long serialVersionUID = 1L;

    @Override
    public Looked apply(Item item, String attempt) {
      TensorInfo tensor = item.tensor();
      try (TensorReader reader = new TensorReader(storage)) {
        reader.requireSound(tensor);
        if (tensor.encoding().isPresent() && tensor.elements() > 0) {
          read(reader, tensor);
        }
        return new Looked(item.index(), "");
      } catch (BadInputException e) {
        return new Looked(item.index(), Objects.requireNonNull(e.getMessage()));
      }
    }

    /** Reads all rows, which are refused where a weight is not finite. */
    private static void read(TensorReader reader, TensorInfo tensor) {
      if (tensor.rows() > Integer.MAX_VALUE) {
        throw BadInputException.unsupported(
            "%s: tensor %s has %d rows, expected at most %d",
            tensor.file(), Printable.of(tensor.name()), tensor.rows(), Integer.MAX_VALUE);
      }
      int rows = (int) tensor.rows();
      int band = tensor.dress().wholeAtOnce() ? rows : Math.clamp(BAND / tensor.columns(), 1, rows);
      for (int first = 0; first < rows; first += band) {
        reader.rows(tensor, first, Math.min(band, rows - first));
      }
    }
  }
}
