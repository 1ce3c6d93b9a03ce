package io.tritmill.jobs.checkpoint;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.storage.StrictJson;
import io.tritmill.jobs.tensor.TensorInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** A folder of safetensors, with or without an index and a config.json, as a checkpoint. */
final class SafetensorsCheckpoint {
  private SafetensorsCheckpoint() {}

  /**
   * Opens it.
   *
   * @throws BadInputException if it has no safetensors, or if these are not sound or do not agree
   */
  static Checkpoint open(Storage storage, Path directory) {
    Map<String, FileStatus> listing = listing(storage, directory);
    WeightFiles weights = WeightFiles.find(storage, directory, listing);
    LinkedHashMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    LinkedHashMap<String, Map<String, String>> metadata = new LinkedHashMap<>();
    weights
        .files()
        .forEach(
            (name, path) -> {
              SafetensorsHeader header = SafetensorsHeader.read(storage, path);
              metadata.put(header.file(), new TreeMap<>(header.metadata()));
              header.tensors().forEach(tensor -> add(tensors, weights, name, tensor));
            });
    weights.index().ifPresent(index -> requireAll(directory, index, tensors));
    if (tensors.isEmpty()) {
      throw BadInputException.broken(
          "%s: holds no tensors, expected the weights of a model; is the download complete?",
          directory);
    }
    byte[] config =
        listing.containsKey(Checkpoint.CONFIG)
            ? storage.read(listing.get(Checkpoint.CONFIG).getPath(), Checkpoint.MAX_CONFIG_BYTES)
            : null;
    Object quantization = quantization(directory, config);
    Dressing dressing =
        Dressing.of(
            tensors,
            KnownQuantization.tritsDivided(quantization),
            KnownQuantization.ternarizes(quantization),
            IntegerPacking.of(quantization));
    List<Companion> companions =
        listing.values().stream()
            .map(FileStatus::getPath)
            .filter(path -> Companions.includes(path.getName()))
            .<Companion>map(Companion.Stored::new)
            .toList();
    return new Checkpoint(
        directory,
        Checkpoint.configPath(directory),
        dressing.tensors(),
        metadata,
        weights.unused().stream()
            .map(name -> Printable.of(name) + " is no part of the checkpoint and was left out")
            .toList(),
        companions,
        config,
        dressing.problems());
  }

  /** What config.json says of it; null where it says nothing, or cannot be read. */
  private static Object quantization(Path directory, byte[] config) {
    if (config == null) {
      return null;
    }
    try {
      return StrictJson.object(Checkpoint.configPath(directory), config).get("quantization_config");
    } catch (BadInputException e) {
      // Told when config.json is asked for: weights can be used without it.
      return null;
    }
  }

  /** Its files by name. */
  static Map<String, FileStatus> listing(Storage storage, Path directory) {
    if (!storage.status(directory).isDirectory()) {
      if (Pickle.named(directory.getName())) {
        throw Pickle.refused(directory.toString());
      }
      throw BadInputException.broken(
          "%s: is a file, expected the folder of a checkpoint or a .gguf file; give %s",
          directory, directory.getParent());
    }
    Map<String, FileStatus> listing = new TreeMap<>();
    storage.list(directory).stream()
        .filter(FileStatus::isFile)
        .forEach(status -> listing.put(status.getPath().getName(), status));
    return listing;
  }

  private static void add(
      Map<String, TensorInfo> tensors, WeightFiles weights, String file, TensorInfo tensor) {
    TensorInfo other = tensors.put(tensor.name(), tensor);
    if (other != null) {
      throw BadInputException.broken(
          "%s: tensor %s is in %s too, expected it in one shard only",
          tensor.file(), Printable.of(tensor.name()), new Path(other.file()).getName());
    }
    weights
        .index()
        .map(index -> index.getOrDefault(tensor.name(), "no file"))
        .filter(expected -> !expected.equals(file))
        .ifPresent(
            expected -> {
              throw BadInputException.broken(
                  "%s: tensor %s is here, but the index names %s for it; do the shards belong"
                      + " together?",
                  tensor.file(), Printable.of(tensor.name()), expected);
            });
  }

  private static void requireAll(
      Path directory, Map<String, String> index, Map<String, TensorInfo> tensors) {
    index.keySet().stream()
        .filter(name -> !tensors.containsKey(name))
        .min(String::compareTo)
        .ifPresent(
            name -> {
              throw BadInputException.broken(
                  "%s: tensor %s is not in %s, where the index expects it; do the shards belong"
                      + " together?",
                  directory, Printable.of(name), index.get(name));
            });
  }
}
