package io.tritmill.jobs.checkpoint;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.gguf.GgufModel;
import io.tritmill.jobs.gguf.architecture.GgufArchitecture;
import io.tritmill.jobs.gguf.tokenizer.GgufTokenizer;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.storage.StrictJson;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.tensor.BlockType;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * A model in GGUF files as a checkpoint: tensors under the names of Hugging Face with their rows in
 * its order, and the config.json that its keys stand for.
 */
final class GgufCheckpoint {
  private static final String CONFIG = "config.json";
  private static final String TOKENIZER_CONFIG = "tokenizer_config.json";

  private GgufCheckpoint() {}

  /**
   * Opens it.
   *
   * @param path what the user gave
   * @param files of the model, in order
   * @throws BadInputException if they are no sound model of a known architecture
   */
  static Checkpoint open(Storage storage, Path path, List<Path> files) {
    GgufModel model = GgufModel.open(storage, files, GgufArchitecture.wholeKeys());
    GgufArchitecture architecture = GgufArchitecture.of(model);
    model.tensors().forEach(GgufCheckpoint::requireReadable);
    LinkedHashMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    for (TensorInfo tensor : architecture.tensors()) {
      if (tensors.put(tensor.name(), tensor) != null) {
        throw BadInputException.broken(
            "%s: two tensors stand for %s", tensor.file(), Printable.of(tensor.name()));
      }
    }
    byte[] config = StrictJson.document(architecture.config());
    LinkedHashMap<String, Map<String, String>> metadata = new LinkedHashMap<>();
    files.forEach(file -> metadata.put(file.toString(), Map.of()));
    List<Companion> companions = new ArrayList<>();
    companions.add(new Configuration(config));
    List<String> remarks = new ArrayList<>();
    if (GgufTokenizer.isIn(model)) {
      Optional<String> refusal = GgufTokenizer.refusal(model);
      refusal.ifPresent(reason -> remarks.add("its tokenizer is left out: " + reason));
      if (refusal.isEmpty()) {
        companions.add(new TokenizerFile("tokenizer.json", files.getFirst()));
        companions.add(new TokenizerFile(TOKENIZER_CONFIG, files.getFirst()));
      }
    }
    return new Checkpoint(
        path, model.file(), tensors, metadata, remarks, companions, config, List.of());
  }

  private static void requireReadable(GgufModel.Tensor weight) {
    if (Encoding.of(weight.type()).isEmpty()) {
      throw BadInputException.unsupported(
          "%s: tensor %s is of type %s, expected one of %s or %s; convert the model to one of these"
              + " first",
          weight.file(),
          Printable.of(weight.name()),
          weight.type(),
          List.of(DType.values()),
          List.of(BlockType.values()));
    }
  }

  /** One of the files that the tokenizer among the keys stands for, made when it is asked for. */
  private record TokenizerFile(String name, Path file) implements Companion {
    private static final long serialVersionUID = 1L;

    @Override
    public byte[] read(Storage storage) {
      GgufTokenizer tokenizer = GgufTokenizer.read(storage, file);
      return name.equals(TOKENIZER_CONFIG) ? tokenizer.configJson() : tokenizer.json();
    }
  }

  /** The config.json that the keys stand for. */
  private record Configuration(byte[] content) implements Companion {
    private static final long serialVersionUID = 1L;

    @Override
    public String name() {
      return CONFIG;
    }

    @Override
    public byte[] read(Storage storage) {
      return content.clone();
    }
  }
}
