package io.tritmill.kernels.model;

import java.util.List;
import java.util.Optional;

/**
 * What tells one family of models from another: how config.json is read, and which tensors there
 * are.
 *
 * <p>A new family is one class here and one entry in {@link #ALL}. The forward pass is shared; what
 * it must know of a family stands in {@link ModelConfig}.
 */
public interface ModelFamily {
  /** Every family there is. */
  List<ModelFamily> ALL = List.of(new Llama("llama"), new Llama("mistral"));

  /** The {@code model_type} of config.json. */
  String modelType();

  /**
   * Reads sizes and constants.
   *
   * @throws UnsupportedConfigException if they describe a function that is not computed
   * @throws IllegalArgumentException if a value is missing or of the wrong type; the message names
   *     the key
   */
  ModelConfig configure(ConfigValues values);

  /** What a person should know of keys that were left out, in a sentence. */
  Optional<String> remark(ConfigValues values);

  /** Every tensor of a model of these sizes, in the order of the forward pass. */
  List<TensorSpec> tensors(ModelConfig config);

  /** The family of a {@code model_type}. */
  static Optional<ModelFamily> of(String modelType) {
    return ALL.stream().filter(family -> family.modelType().equals(modelType)).findFirst();
  }

  /** The supported values of {@code model_type}. */
  static List<String> supported() {
    return ALL.stream().map(ModelFamily::modelType).toList();
  }
}
