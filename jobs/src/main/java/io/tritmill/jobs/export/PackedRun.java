package io.tritmill.jobs.export;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.KnownQuantization;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.format.PackedEntry;
import io.tritmill.jobs.format.PackedMetadata;
import io.tritmill.jobs.model.PackedMatrices;
import io.tritmill.jobs.run.Place;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.storage.StrictJson;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.tensor.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The model of a complete run, as an export sees it.
 *
 * @param run where it lies
 * @param checkpoint its files
 * @param layers its packed matrices, by the file that holds them
 * @param kept its other tensors, by the file that holds them
 */
record PackedRun(
    RunDirectory run,
    Checkpoint checkpoint,
    Map<String, List<Layer>> layers,
    Map<String, List<TensorInfo>> kept) {
  /**
   * Opens it.
   *
   * @throws BadInputException if the run is not complete, or its model is rotated, which no format
   *     here can take
   */
  static PackedRun open(Storage storage, RunDirectory run) {
    Place.requireComplete(storage, run);
    Checkpoint checkpoint = Checkpoint.open(storage, run.model());
    PackedMatrices matrices = new PackedMatrices(storage, checkpoint);
    Map<String, List<Layer>> layers = new LinkedHashMap<>();
    Map<String, List<TensorInfo>> kept = new LinkedHashMap<>();
    Set<String> pieces = new HashSet<>();
    for (String file : checkpoint.files()) {
      Map<String, String> metadata = checkpoint.metadata(file);
      if (!PackedMetadata.transforms(file, metadata).none()) {
        throw BadInputException.unsupported(
            "%s: its matrices are rotated, which no other program undoes; compress without"
                + " transforms: [hadamard] for an export",
            run.path());
      }
      List<Layer> inside = new ArrayList<>();
      for (Map.Entry<String, PackedEntry> entry : PackedMetadata.read(file, metadata).entrySet()) {
        inside.add(new Layer(entry.getKey(), entry.getValue(), matrices));
        entry.getValue().suffixes().forEach(suffix -> pieces.add(entry.getKey() + suffix));
      }
      layers.put(file, inside);
      kept.put(file, new ArrayList<>());
    }
    for (TensorInfo tensor : checkpoint.tensors()) {
      if (!pieces.contains(tensor.name())) {
        kept.get(tensor.file()).add(tensor);
      }
    }
    requirePlain(run, checkpoint, kept);
    return new PackedRun(run, checkpoint, layers, kept);
  }

  /** What its source's own quantization means has no place in an export. */
  private static void requirePlain(
      RunDirectory run, Checkpoint checkpoint, Map<String, List<TensorInfo>> kept) {
    String source = sourceMethod(checkpoint);
    kept.values().stream()
        .flatMap(List::stream)
        .filter(tensor -> !source.isEmpty() && DType.of(tensor.dtype()).isEmpty())
        .findFirst()
        .ifPresent(
            tensor -> {
              throw BadInputException.unsupported(
                  "%s: %s is kept in the form of its source, %s, which an export does not carry"
                      + " over; compress it by a rule",
                  run.path(), Printable.of(tensor.name()), Printable.of(source));
            });
  }

  /** How the weights were quantized that the run was made of; empty where they were not. */
  private static String sourceMethod(Checkpoint checkpoint) {
    Object ours =
        checkpoint
            .configBytes()
            .map(bytes -> StrictJson.object("config.json", bytes).get("quantization_config"))
            .orElse(null);
    return ours instanceof Map<?, ?> values
            && values.get(KnownQuantization.SOURCE) instanceof Map<?, ?> source
        ? String.valueOf(source.get("quant_method"))
        : "";
  }

  /** Whether modules of its source round their inputs to 8 bits as they run. */
  boolean roundsInputs() {
    return sourceMethod(checkpoint).equals("bitnet");
  }

  /**
   * Requires that modules read their inputs as they are.
   *
   * @throws BadInputException if they round them
   */
  void requireExactInputs(String format) {
    if (roundsInputs()) {
      throw BadInputException.unsupported(
          "%s: the source is bitnet, whose modules round their inputs or weights as they run, and"
              + " those of %s do not; export to bitnet or gguf:auto",
          run.path(), format);
    }
  }

  /**
   * Requires that no packed matrix is one of several in a tensor.
   *
   * @throws BadInputException if one is
   */
  void requireNoStacks() {
    for (Layer layer : all()) {
      if (layer.name().endsWith("]")) {
        throw BadInputException.unsupported(
            "%s: %s is one of several matrices in a tensor, which this format has no place for;"
                + " export to gguf:auto, or keep such tensors as they are by a rule",
            run.path(), Printable.of(layer.name()));
      }
    }
  }

  /**
   * Requires that every linear module of a block is packed.
   *
   * @throws BadInputException if one is kept
   */
  void requireEveryModule(String format) {
    Architecture architecture = checkpoint.architecture();
    kept.values().stream()
        .flatMap(List::stream)
        .filter(tensor -> architecture.module(tensor.name()).isPresent())
        .findFirst()
        .ifPresent(
            tensor -> {
              throw BadInputException.unsupported(
                  "%s: %s is kept, but %s has all linear modules in one type; compress it by a"
                      + " rule, or export to compressed-tensors or gguf:auto",
                  run.path(), Printable.of(tensor.name()), format);
            });
  }

  /** All packed matrices. */
  List<Layer> all() {
    return layers.values().stream().flatMap(List::stream).toList();
  }
}
