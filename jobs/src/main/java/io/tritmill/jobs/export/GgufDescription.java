package io.tritmill.jobs.export;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.Companion;
import io.tritmill.jobs.gguf.FamilyTensor;
import io.tritmill.jobs.gguf.StoredTensor;
import io.tritmill.jobs.gguf.architecture.StoredModel;
import io.tritmill.jobs.gguf.tokenizer.StoredTokenizer;
import io.tritmill.jobs.storage.Storage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a GGUF file says of a model, and which tensors it has: known from headers and small files.
 *
 * @param model its architecture
 * @param files those beside its weights, by name
 * @param tokenizer the keys of its tokenizer
 */
record GgufDescription(
    StoredModel model, Map<String, byte[]> files, Map<String, Object> tokenizer) {
  private static final Map<String, Object> NO_TOKENIZER = Map.of("tokenizer.ggml.model", "none");

  /**
   * Describes the model of a checkpoint.
   *
   * @param tensors of its family
   * @throws BadInputException if ggml has no such model, or no such tokenizer
   */
  static GgufDescription of(Storage storage, Checkpoint checkpoint, List<FamilyTensor> tensors) {
    String directory = checkpoint.directory().toString();
    Map<String, Object> config = new LinkedHashMap<>(checkpoint.configValues().values());
    config.remove("quantization_config");
    StoredModel model = StoredModel.of(directory, config, tensors);
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (Companion companion : checkpoint.companions()) {
      files.put(companion.name(), companion.read(storage));
    }
    Map<String, Object> tokenizer =
        files.containsKey("tokenizer.json")
            ? StoredTokenizer.keys(directory, files, vocabulary(model))
            : NO_TOKENIZER;
    return new GgufDescription(model, files, tokenizer);
  }

  /** Rows of the embedding. */
  private static int vocabulary(StoredModel model) {
    return model.tensors().stream()
        .filter(tensor -> tensor.name().equals(GgufFormat.EMBEDDING))
        .map(StoredTensor::shape)
        .mapToInt(shape -> Math.toIntExact(shape.getFirst()))
        .findFirst()
        .orElseThrow();
  }
}
