package io.tritmill.jobs.gguf;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Llama and the models that ggml runs as it, dense ones of plain attention. */
final class LlamaArchitecture implements GgufArchitecture {
  private static final String EMBEDDING = "token_embd.weight";
  private static final String HEAD = "output.weight";
  private static final String ROPE_FACTORS = "rope_freqs.weight";
  private static final Map<String, String> OUTSIDE =
      Map.of(
          EMBEDDING,
          "model.embed_tokens.weight",
          "output_norm.weight",
          "model.norm.weight",
          HEAD,
          "lm_head.weight");
  private static final Map<String, String> MODULES =
      Map.of(
          "attn_norm", "input_layernorm",
          "attn_q", "self_attn.q_proj",
          "attn_k", "self_attn.k_proj",
          "attn_v", "self_attn.v_proj",
          "attn_output", "self_attn.o_proj",
          "ffn_norm", "post_attention_layernorm",
          "ffn_gate", "mlp.gate_proj",
          "ffn_up", "mlp.up_proj",
          "ffn_down", "mlp.down_proj");
  private static final Pattern IN_BLOCK =
      Pattern.compile("blk\\.(0|[1-9][0-9]{0,5})\\.([a-z_]+)\\.(weight|bias)");

  @Override
  public String name() {
    return "llama";
  }

  @Override
  public Optional<String> tensorName(String name) {
    if (OUTSIDE.containsKey(name)) {
      return Optional.of(OUTSIDE.get(name));
    }
    Matcher in = IN_BLOCK.matcher(name);
    return in.matches() && MODULES.containsKey(in.group(2))
        ? Optional.of(
            "model.layers.%s.%s.%s".formatted(in.group(1), MODULES.get(in.group(2)), in.group(3)))
        : Optional.empty();
  }

  @Override
  public boolean inConfig(String name) {
    return name.equals(ROPE_FACTORS);
  }

  @Override
  public int interleavedHeads(GgufModel model, String name) {
    Matcher in = IN_BLOCK.matcher(name);
    if (!in.matches()) {
      return 0;
    }
    return switch (in.group(2)) {
      case "attn_q" -> heads(model.keys());
      case "attn_k" -> keyValueHeads(model.keys());
      default -> 0;
    };
  }

  private static int heads(GgufKeys keys) {
    return positive(keys, "llama.attention.head_count");
  }

  private static int keyValueHeads(GgufKeys keys) {
    return keys.has("llama.attention.head_count_kv")
        ? positive(keys, "llama.attention.head_count_kv")
        : heads(keys);
  }

  private static int positive(GgufKeys keys, String key) {
    int value = keys.whole(key);
    if (value == 0) {
      throw BadInputException.broken("%s: %s is 0, expected at least 1", keys.file(), key);
    }
    return value;
  }

  @Override
  public Map<String, Object> config(GgufModel model) {
    GgufKeys keys = model.keys();
    requireDense(keys);
    int hidden = positive(keys, "llama.embedding_length");
    int headSize = keys.optionalWhole("llama.attention.key_length").orElse(hidden / heads(keys));
    requireHeads(keys, headSize);
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("architectures", List.of("LlamaForCausalLM"));
    config.put("model_type", "llama");
    config.put("vocab_size", vocabulary(model));
    config.put("hidden_size", hidden);
    config.put("intermediate_size", positive(keys, "llama.feed_forward_length"));
    config.put("num_hidden_layers", positive(keys, "llama.block_count"));
    config.put("num_attention_heads", heads(keys));
    config.put("num_key_value_heads", keyValueHeads(keys));
    config.put("head_dim", headSize);
    config.put("hidden_act", "silu");
    config.put("max_position_embeddings", positive(keys, "llama.context_length"));
    String epsilon = "llama.attention.layer_norm_rms_epsilon";
    config.put("rms_norm_eps", keys.decimal(epsilon).orElseThrow(() -> keys.missing(epsilon)));
    config.put("rope_theta", keys.decimal("llama.rope.freq_base").orElse(10_000.0));
    scaling(model, headSize).ifPresent(scaling -> config.put("rope_scaling", scaling));
    config.put("attention_bias", model.has("blk.0.attn_q.bias"));
    config.put("mlp_bias", model.has("blk.0.ffn_up.bias"));
    config.put("tie_word_embeddings", !model.has(HEAD));
    config.put("bos_token_id", keys.optionalWhole("tokenizer.ggml.bos_token_id").orElse(null));
    config.put("eos_token_id", keys.optionalWhole("tokenizer.ggml.eos_token_id").orElse(null));
    config.put("dtype", "float16");
    return config;
  }

  private static void requireDense(GgufKeys keys) {
    if (keys.optionalWhole("llama.expert_count").orElse(0) > 0) {
      throw BadInputException.unsupported(
          "%s: llama.expert_count is %d, expected a model without experts; give the checkpoint that"
              + " it was made from",
          keys.file(), keys.whole("llama.expert_count"));
    }
  }

  private static void requireHeads(GgufKeys keys, int headSize) {
    if (headSize < 2 || headSize % 2 != 0) {
      throw BadInputException.broken(
          "%s: a head has %d dimensions by its keys, expected an even number",
          keys.file(), headSize);
    }
    for (String key : List.of("llama.rope.dimension_count", "llama.attention.value_length")) {
      int found = keys.optionalWhole(key).orElse(headSize);
      if (found != headSize) {
        throw BadInputException.unsupported(
            "%s: %s is %d, but a head has %d dimensions, expected the same; give the checkpoint that"
                + " it was made from",
            keys.file(), key, found, headSize);
      }
    }
  }

  /** Rows of the embedding, which the key repeats where there is one. */
  private static int vocabulary(GgufModel model) {
    GgufModel.Tensor embedding =
        model
            .tensor(EMBEDDING)
            .orElseThrow(
                () ->
                    BadInputException.broken(
                        "%s: has no tensor %s, expected the embedding of a model; is it one part of"
                            + " a split model, or a vocabulary alone?",
                        model.file(), EMBEDDING));
    long rows = embedding.shape().getFirst();
    int said = model.keys().optionalWhole("llama.vocab_size").orElse((int) Math.min(rows, 1 << 30));
    if (said != rows) {
      throw BadInputException.broken(
          "%s: llama.vocab_size is %d, but %s has %d rows; do the two belong together?",
          model.file(), said, EMBEDDING, rows);
    }
    return said;
  }

  private static Map<String, Object> linear(double factor) {
    return Map.of("rope_type", "linear", "factor", factor);
  }

  private static Optional<Map<String, Object>> scaling(GgufModel model, int headSize) {
    GgufKeys keys = model.keys();
    String type = keys.text("llama.rope.scaling.type").orElse("none");
    Optional<GgufModel.Tensor> factors = model.tensor(ROPE_FACTORS);
    if (factors.isPresent()) {
      double base = keys.decimal("llama.rope.freq_base").orElse(10_000.0);
      return Optional.of(
          RopeFactors.scaling(model.file(), model.floats(factors.get(), headSize / 2), base));
    }
    return switch (type) {
      case "none" ->
          keys.decimal("llama.rope.scale_linear")
              .filter(factor -> factor != 1)
              .map(LlamaArchitecture::linear);
      case "linear" -> Optional.of(linear(keys.decimal("llama.rope.scaling.factor").orElse(1.0)));
      default ->
          throw BadInputException.unsupported(
              "%s: llama.rope.scaling.type is %s, expected none or linear; give the checkpoint that"
                  + " it was made from",
              model.file(), Printable.of(type));
    };
  }
}
