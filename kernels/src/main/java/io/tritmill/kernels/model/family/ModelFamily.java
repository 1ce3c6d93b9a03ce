package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.UnreadKeys;
import io.tritmill.kernels.model.config.UnsupportedConfigException;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What tells one family of models from another: how config.json is read, and which tensors there
 * are.
 *
 * <p>A new family is one class here and one entry in {@link #ALL}. The forward pass is shared; what
 * it must know of a family stands in the {@link Architecture}.
 */
public interface ModelFamily {
  /** Every family there is. */
  List<ModelFamily> ALL =
      List.of(
          new Llama(),
          new Mistral(),
          new Ministral(),
          new Ministral3(),
          new Qwen2(),
          new Qwen3(),
          new Gemma2(),
          new Gemma3(),
          new Gemma4(),
          new Glm4(),
          new Phi3(),
          new Smollm3(),
          new Olmo2(),
          new Olmo3(),
          new Granite(false),
          new Exaone4(),
          new SeedOss(),
          new Arcee(),
          new Bitnet(),
          new Apertus(),
          new Cohere(false),
          new Cohere(true),
          new HunyuanDense(),
          new Mixtral(),
          new Qwen3Moe(),
          new Qwen3Next(),
          new Qwen35(),
          new Qwen35Moe(),
          new Ernie45Moe(),
          new Glm4Moe(),
          new MiniMaxM2(),
          new Granite(true),
          new GptOss(),
          new DeepseekV3("deepseek_v3"),
          new DeepseekV3("kimi_k2"),
          new Glm4MoeLite());

  /** The {@code model_type} of config.json. */
  String modelType();

  /**
   * Describes a model.
   *
   * @param stored the checkpoint's tensors
   * @throws UnsupportedConfigException if config.json describes a function that is not computed
   * @throws IllegalArgumentException if a value is missing or of the wrong type; the message names
   *     the key
   */
  Architecture describe(ConfigValues values, StoredTensors stored);

  /** Keys that it reads of those which change the function in some families alone. */
  default Set<String> reads() {
    return Set.of();
  }

  /** What a person should know of keys that were left out, in a sentence. */
  default Optional<String> remark(ConfigValues values) {
    return UnreadKeys.remark(modelType(), reads(), values);
  }

  /** The family of a {@code model_type}. */
  static Optional<ModelFamily> of(String modelType) {
    return ALL.stream().filter(family -> family.modelType().equals(modelType)).findFirst();
  }

  /** The supported values of {@code model_type}. */
  static List<String> supported() {
    return ALL.stream().map(ModelFamily::modelType).toList();
  }
}
