package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.gguf.GgufModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The config.json that keys stand for: what all families have, and what a description adds. */
final class Configuration {
  private Configuration() {}

  /**
   * Its values.
   *
   * @throws BadInputException if keys are missing or contradict the tensors
   */
  static Map<String, Object> of(Keys keys, Description description) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("architectures", List.of(description.className()));
    config.put("model_type", description.modelType());
    int hidden = keys.hidden();
    if (!description.isLatent()) {
      requireHeads(keys, description);
    }
    config.put("vocab_size", vocabulary(keys));
    config.put("hidden_size", hidden);
    boolean dense = keys.has("feed_forward_length") || keys.experts() == 0;
    config.put(
        "intermediate_size",
        keys.positive(dense ? "feed_forward_length" : "expert_feed_forward_length"));
    config.put("num_hidden_layers", keys.blocks());
    config.put("num_attention_heads", keys.heads());
    if (!description.isLatent()) {
      config.put("num_key_value_heads", keys.keyValueHeads());
      config.put("head_dim", keys.headSize());
    }
    config.put("hidden_act", description.activation());
    config.put("max_position_embeddings", keys.positive("context_length"));
    if (description.hasLayerNorms()) {
      config.put("layer_norm_eps", keys.requiredDecimal("attention.layer_norm_epsilon"));
    } else {
      config.put("rms_norm_eps", keys.requiredDecimal("attention.layer_norm_rms_epsilon"));
    }
    RopeKeys.put(keys, config);
    description.addExtras(keys, config);
    config.put("tie_word_embeddings", !keys.model().has(TensorRules.HEAD));
    for (String token : List.of("bos", "eos")) {
      config.put(
          token + "_token_id",
          keys.model()
              .keys()
              .optionalWhole("tokenizer.ggml.%s_token_id".formatted(token))
              .orElse(null));
    }
    config.put("dtype", "float16");
    return config;
  }

  private static void requireHeads(Keys keys, Description description) {
    int size = keys.headSize();
    if (size < 2 || size % 2 != 0) {
      throw BadInputException.broken(
          "%s: a head has %d dimensions by its keys, expected an even number", keys.file(), size);
    }
    requireSize(keys, "attention.value_length", size);
    if (!description.hasPartialRotation()) {
      requireSize(keys, "rope.dimension_count", size);
    }
  }

  private static void requireSize(Keys keys, String key, int size) {
    int found = keys.optionalWhole(key).orElse(size);
    if (found != size) {
      throw BadInputException.unsupported(
          "%s: %s is %d, but a head has %d dimensions, expected the same; give the checkpoint that"
              + " it was made from",
          keys.file(), keys.named(key), found, size);
    }
  }

  /** Rows of the embedding, which the key repeats where there is one. */
  private static int vocabulary(Keys keys) {
    GgufModel.Tensor embedding =
        keys.model()
            .tensor(TensorRules.EMBEDDING)
            .orElseThrow(
                () ->
                    BadInputException.broken(
                        "%s: has no tensor %s, expected the embedding of a model; is it one part of"
                            + " a split model, or a vocabulary alone?",
                        keys.file(), TensorRules.EMBEDDING));
    long rows = embedding.shape().isEmpty() ? 0 : embedding.shape().getFirst();
    int said = keys.optionalWhole("vocab_size").orElse((int) Math.min(rows, 1 << 30));
    if (said != rows) {
      throw BadInputException.broken(
          "%s: %s is %d, but %s has %d rows; do the two belong together?",
          keys.file(), keys.named("vocab_size"), said, TensorRules.EMBEDDING, rows);
    }
    return said;
  }
}
