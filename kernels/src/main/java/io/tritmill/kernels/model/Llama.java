package io.tritmill.kernels.model;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Llama and the families that share its tensors and wiring: RMSNorm before attention and
 * feed-forward, grouped-query attention with half-split RoPE, SiLU-gated feed-forward.
 *
 * <p>Mistral differs by its sliding window, by having no biases, and by what counts where
 * config.json says nothing.
 *
 * @param modelType {@code llama} or {@code mistral}
 */
public record Llama(String modelType) implements ModelFamily {
  private static final Set<Role> ATTENTION =
      EnumSet.of(Role.QUERY, Role.KEY, Role.VALUE, Role.OUTPUT);
  private static final Set<Role> FEED_FORWARD = EnumSet.of(Role.GATE, Role.UP, Role.DOWN);

  /** SiLU by each of its names. */
  private static final Set<String> SILU = Set.of("silu", "swish");

  /** What transformers reads and acts upon, and the forward pass does not know. */
  private static final List<String> UNSUPPORTED =
      List.of("per_layer_config", "text_config", "transformers_weights");

  private boolean isMistral() {
    return modelType.equals("mistral");
  }

  @Override
  public ModelConfig configure(ConfigValues values) {
    requireSupported(values);
    int hidden = values.integer("hidden_size", 4096);
    int heads = values.integer("num_attention_heads", 32);
    int keyValueHeads = values.integer("num_key_value_heads", isMistral() ? 8 : heads, heads);
    int maxPositions = values.integer("max_position_embeddings", isMistral() ? 131_072 : 2048);
    int headSize = hidden / heads;
    // A window is held to its domain in both families, though Llama does not use it.
    int window = values.integer("sliding_window", 4096, 0);
    int vocabulary = values.integer("vocab_size", 32_000);
    return new ModelConfig(
        modelType,
        vocabulary,
        hidden,
        values.integer("intermediate_size", isMistral() ? 14_336 : 11_008),
        values.integer("num_hidden_layers", 32),
        heads,
        keyValueHeads,
        values.integer("head_dim", headSize, headSize),
        (float) values.decimal("rms_norm_eps", 1e-6),
        RopeConfig.read(values, maxPositions),
        biased(values),
        values.flag("tie_word_embeddings", false),
        isMistral() ? window : 0,
        maxPositions,
        bosToken(values, vocabulary));
  }

  /** The id that begins a sequence; -1 for none. */
  private static int bosToken(ConfigValues values, int vocabulary) {
    if (values.has("bos_token_id") && values.values().get("bos_token_id") == null) {
      return -1;
    }
    int token = values.integer("bos_token_id", 1);
    if (token < 0 || token >= vocabulary) {
      throw new IllegalArgumentException(
          "bos_token_id is %d, but vocab_size is %d; give the id of a token, or null for none"
              .formatted(token, vocabulary));
    }
    return token;
  }

  private void requireSupported(ConfigValues values) {
    values
        .text("hidden_act")
        .filter(activation -> !SILU.contains(activation))
        .ifPresent(
            activation -> {
              throw new UnsupportedConfigException("hidden_act is %s, expected silu", activation);
            });
    for (String key : UNSUPPORTED) {
      if (values.values().get(key) != null) {
        throw new UnsupportedConfigException(
            "has the key %s, expected none beside a model_type of %s", key, modelType);
      }
    }
    if (isMistral() && values.values().get("layer_types") != null) {
      throw new UnsupportedConfigException(
          "has the key layer_types, expected one window for all layers of a mistral");
    }
  }

  private Set<Role> biased(ConfigValues values) {
    Set<Role> biased = EnumSet.noneOf(Role.class);
    if (!isMistral() && values.flag("attention_bias", false)) {
      biased.addAll(ATTENTION);
    }
    if (!isMistral() && values.flag("mlp_bias", false)) {
      biased.addAll(FEED_FORWARD);
    }
    return biased;
  }

  @Override
  public Optional<String> remark(ConfigValues values) {
    return UnreadKeys.remark(modelType, values);
  }

  @Override
  public List<TensorSpec> tensors(ModelConfig config) {
    int query = config.heads() * config.headSize();
    int keyValue = config.keyValueHeads() * config.headSize();
    int hidden = config.hidden();
    int wide = config.intermediate();
    List<TensorSpec> all = new ArrayList<>();
    all.add(outside("model.embed_tokens.weight", Role.EMBEDDING, config.vocabulary(), hidden));
    for (int block = 0; block < config.blocks(); block++) {
      vector(all, block, "input_layernorm", Role.ATTENTION_NORM, hidden);
      linear(all, config, block, "self_attn.q_proj", Role.QUERY, query, hidden);
      linear(all, config, block, "self_attn.k_proj", Role.KEY, keyValue, hidden);
      linear(all, config, block, "self_attn.v_proj", Role.VALUE, keyValue, hidden);
      linear(all, config, block, "self_attn.o_proj", Role.OUTPUT, hidden, query);
      vector(all, block, "post_attention_layernorm", Role.FEED_FORWARD_NORM, hidden);
      linear(all, config, block, "mlp.gate_proj", Role.GATE, wide, hidden);
      linear(all, config, block, "mlp.up_proj", Role.UP, wide, hidden);
      linear(all, config, block, "mlp.down_proj", Role.DOWN, hidden, wide);
    }
    all.add(outside("model.norm.weight", Role.FINAL_NORM, hidden));
    if (!config.tiedHead()) {
      all.add(outside("lm_head.weight", Role.HEAD, config.vocabulary(), hidden));
    }
    return all;
  }

  private static TensorSpec outside(String name, Role role, Integer... shape) {
    return new TensorSpec(name, role, TensorSpec.NO_BLOCK, false, List.of(shape));
  }

  private static void vector(List<TensorSpec> all, int block, String name, Role role, int length) {
    all.add(new TensorSpec(weight(block, name), role, block, false, List.of(length)));
  }

  private static void linear(
      List<TensorSpec> all,
      ModelConfig config,
      int block,
      String name,
      Role role,
      int rows,
      int columns) {
    all.add(new TensorSpec(weight(block, name), role, block, false, List.of(rows, columns)));
    if (config.biased().contains(role)) {
      all.add(
          new TensorSpec(
              "model.layers." + block + "." + name + ".bias", role, block, true, List.of(rows)));
    }
  }

  private static String weight(int block, String name) {
    return "model.layers." + block + "." + name + ".weight";
  }
}
