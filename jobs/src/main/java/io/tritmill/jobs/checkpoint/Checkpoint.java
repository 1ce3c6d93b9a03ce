package io.tritmill.jobs.checkpoint;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.gguf.GgufFiles;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.storage.StrictJson;
import io.tritmill.jobs.tensor.Stack;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.config.ConfigValues;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * A model in Hugging Face layout, or in GGUF files read as if it had it: where its tensors lie, and
 * what config.json says of them.
 *
 * <p>Opening one reads headers only; weights are read with {@link TensorReader}, on executors too,
 * to which a checkpoint may travel. Whatever concerns config.json is asked for separately, so that
 * weights can be used without it.
 */
public final class Checkpoint implements Serializable {
  private static final long serialVersionUID = 1L;
  static final String CONFIG = "config.json";
  static final int MAX_CONFIG_BYTES = 16_000_000;

  private final Path directory;
  private final String configPath;
  private final NamedTensors tensors;
  private final LinkedHashMap<String, Map<String, String>> metadata;
  private final ArrayList<String> remarks;
  private final ArrayList<Companion> companions;
  private final byte[] config;
  private final ArrayList<String> problems;
  private transient Architecture architecture; // read when it is asked for

  /**
   * @param configPath what config.json was read from, or made of
   * @param remarks what a user should know of the files, a sentence each
   * @param problems why weights cannot be read, a sentence each
   */
  Checkpoint(
      Path directory,
      String configPath,
      LinkedHashMap<String, TensorInfo> tensors,
      LinkedHashMap<String, Map<String, String>> metadata,
      List<String> remarks,
      List<Companion> companions,
      byte[] config,
      List<String> problems) {
    this.problems = new ArrayList<>(problems);
    this.directory = directory;
    this.configPath = configPath;
    this.tensors = new NamedTensors(tensors, InputsFirst.of(metadata));
    this.metadata = metadata;
    this.remarks = new ArrayList<>(remarks);
    this.companions = new ArrayList<>(companions);
    this.config = config;
  }

  /**
   * Opens the checkpoint in a directory, or in a GGUF file.
   *
   * @throws BadInputException if it has neither safetensors nor GGUF files, or if these are not
   *     sound or do not agree
   */
  public static Checkpoint open(Storage storage, Path directory) {
    Optional<List<Path>> gguf = gguf(storage, directory);
    if (gguf.isPresent()) {
      return GgufCheckpoint.open(storage, directory, gguf.get());
    }
    return SafetensorsCheckpoint.open(storage, directory);
  }

  /** The GGUF files that are given, or lie where no safetensors do. */
  private static Optional<List<Path>> gguf(Storage storage, Path path) {
    boolean weights =
        storage.status(path).isDirectory()
            && storage.list(path).stream()
                .anyMatch(file -> WeightFiles.isPart(file.getPath().getName()));
    return weights ? Optional.empty() : GgufFiles.at(storage, path);
  }

  /**
   * Opens the checkpoint in a directory or, where that has a config.json and no weights at all, the
   * one that its config.json describes: good for planning, not for reading.
   *
   * @throws BadInputException as {@link #open}
   */
  public static Checkpoint openOrDescribe(Storage storage, Path directory) {
    if (gguf(storage, directory).isPresent()) {
      return open(storage, directory);
    }
    Map<String, FileStatus> listing = SafetensorsCheckpoint.listing(storage, directory);
    boolean described =
        listing.containsKey(CONFIG)
            && listing.keySet().stream()
                .noneMatch(name -> WeightFiles.isPart(name) || Pickle.named(name));
    return described
        ? DescribedCheckpoint.of(
            directory, storage.read(listing.get(CONFIG).getPath(), MAX_CONFIG_BYTES))
        : open(storage, directory);
  }

  /** A checkpoint without files: tensors lie where they would be stored. */
  static Checkpoint described(Path directory, List<TensorInfo> tensors, byte[] config) {
    LinkedHashMap<String, TensorInfo> byName = new LinkedHashMap<>();
    tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
    return new Checkpoint(
        directory,
        configPath(directory),
        byName,
        new LinkedHashMap<>(),
        List.of(),
        List.of(),
        config,
        List.of());
  }

  /** Whether there is nothing but a config.json. */
  public boolean isDescribed() {
    return metadata.isEmpty();
  }

  /** Where it lies. */
  public Path directory() {
    return directory;
  }

  /** Every tensor, stacked ones as a whole: files by name, then tensors by position. */
  public List<TensorInfo> tensors() {
    return List.copyOf(tensors.stored().values());
  }

  /** The tensor of this name, or the matrix of a stacked one, {@code NAME[3]}. */
  public Optional<TensorInfo> tensor(String name) {
    return tensors.get(name);
  }

  /**
   * The matrices of the stacked tensor of this name; empty where there is none.
   *
   * @throws BadInputException if there are more of them than any model has
   */
  public Optional<Stack> stack(String name) {
    return tensors.stack(name);
  }

  /** URIs of the files that hold the weights, by name. */
  public List<String> files() {
    return List.copyOf(metadata.keySet());
  }

  /** The {@code __metadata__} of one of {@link #files()}; empty for any other. */
  public Map<String, String> metadata(String file) {
    return Collections.unmodifiableMap(metadata.getOrDefault(file, Map.of()));
  }

  /** The {@code __metadata__} of all files together; where they differ, the first has it. */
  public Map<String, String> metadata() {
    Map<String, String> all = new TreeMap<>();
    metadata.values().forEach(one -> one.forEach(all::putIfAbsent));
    return all;
  }

  /** What belongs beside the weights of any model made from this one: configuration, tokenizer. */
  public List<Companion> companions() {
    return List.copyOf(companions);
  }

  /** The bytes of config.json, if there is one. */
  public Optional<byte[]> configBytes() {
    return Optional.ofNullable(config).map(byte[]::clone);
  }

  /**
   * The values of config.json.
   *
   * @throws BadInputException if it is missing or no JSON object
   */
  public ConfigValues configValues() {
    if (config == null) {
      throw BadInputException.broken(
          "%s: has no %s, expected one beside the weights; copy it from where the model came from,"
              + " or give --weights-only to compress without evaluation",
          directory, CONFIG);
    }
    return new ConfigValues(StrictJson.object(configPath, config));
  }

  /**
   * The {@code model_type} of config.json; empty where there is no config.json or it names none.
   *
   * @throws BadInputException if config.json is no JSON object
   */
  public Optional<String> modelType() {
    return config == null ? Optional.empty() : model().modelType();
  }

  /**
   * What the model is: its sublayers, and the tensors that the forward pass needs. A head that is
   * stored is used as stored, whatever config.json says of tied embeddings.
   *
   * @throws BadInputException if config.json is missing, broken or unsupported
   */
  public Architecture architecture() {
    if (architecture == null) {
      architecture = model().architecture();
    }
    return architecture;
  }

  /**
   * Tensors that the forward pass does not need; outputs keep them as they are.
   *
   * @throws BadInputException as {@link #architecture()}
   */
  public List<TensorInfo> extras() {
    return model().extras(architecture());
  }

  /**
   * Requires that every tensor of {@link #architecture()} is there, with the shape that config.json
   * gives and a type that can be read as weights.
   *
   * @throws BadInputException if not
   */
  public void check() {
    requireReadable();
    model().check(architecture());
  }

  /**
   * Requires that no other program has quantized the weights in a way that is unknown here, and
   * that whatever is quantized has all its scales.
   *
   * @throws BadInputException if config.json or the tensors tell otherwise
   */
  public void requireReadable() {
    if (!problems.isEmpty()) {
      throw new BadInputException(ExitCode.BROKEN_INPUT, problems.getFirst());
    }
    Map<String, Object> values = config == null ? Map.of() : configValues().values();
    ForeignQuantization.of(values, tensors.stored())
        .ifPresent(
            sign -> {
              throw BadInputException.unsupported(
                  "%s: is quantized already (%s); give the checkpoint that it was made from",
                  directory, Printable.of(sign));
            });
  }

  /**
   * What a user should know of how config.json is read, a sentence each.
   *
   * @throws BadInputException as {@link #architecture()}
   */
  public List<String> configRemarks() {
    return model().configRemarks();
  }

  /**
   * What a user should know of this checkpoint though it can be used, a sentence each.
   *
   * @throws BadInputException as {@link #architecture()}
   */
  public List<String> remarks() {
    List<String> remarks = new ArrayList<>(model().remarks(this::architecture));
    if (isDescribed()) {
      remarks.add("%s: has no weights yet; config.json alone was read".formatted(directory));
    }
    this.remarks.forEach(remark -> remarks.add("%s: %s".formatted(directory, remark)));
    return remarks;
  }

  private ConfiguredModel model() {
    return new ConfiguredModel(configPath, configValues(), tensors);
  }

  /** Where config.json of a directory lies. */
  static String configPath(Path directory) {
    return new Path(directory, CONFIG).toString();
  }
}
