package io.tritmill.kernels.model;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Llama and the families that share its tensors and wiring: RMSNorm before attention and
 * feed-forward, grouped-query attention with half-split RoPE, SiLU-gated feed-forward.
 *
 * <p>Mistral differs by its sliding window alone, which config.json states.
 *
 * @param modelType {@code llama} or {@code mistral}
 */
public record Llama(String modelType) implements ModelFamily {
  private static final Set<Role> ATTENTION =
      EnumSet.of(Role.QUERY, Role.KEY, Role.VALUE, Role.OUTPUT);
  private static final Set<Role> FEED_FORWARD = EnumSet.of(Role.GATE, Role.UP, Role.DOWN);

  @Override
  public ModelConfig configure(ConfigValues values) {
    values
        .text("hidden_act")
        .filter(activation -> !activation.equals("silu"))
        .ifPresent(
            activation -> {
              throw new IllegalArgumentException(
                  "hidden_act is %s, expected silu".formatted(activation));
            });
    int hidden = values.integer("hidden_size");
    int heads = values.integer("num_attention_heads");
    Set<Role> biased = EnumSet.noneOf(Role.class);
    if (values.flag("attention_bias", false)) {
      biased.addAll(ATTENTION);
    }
    if (values.flag("mlp_bias", false)) {
      biased.addAll(FEED_FORWARD);
    }
    return new ModelConfig(
        modelType,
        values.integer("vocab_size"),
        hidden,
        values.integer("intermediate_size"),
        values.integer("num_hidden_layers"),
        heads,
        values.integer("num_key_value_heads", heads),
        values.integer("head_dim", hidden / Math.max(1, heads)),
        (float) values.decimal("rms_norm_eps", 1e-6),
        RopeConfig.read(values),
        biased,
        values.flag("tie_word_embeddings", false),
        values.integer("sliding_window", 0),
        values.integer("max_position_embeddings", 2048),
        values.integer("bos_token_id", -1));
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
              "model.layers.%d.%s.bias".formatted(block, name), role, block, true, List.of(rows)));
    }
  }

  private static String weight(int block, String name) {
    return "model.layers.%d.%s.weight".formatted(block, name);
  }
}
