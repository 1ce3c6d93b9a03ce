package io.tritmill.jobs.checkpoint;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The shape of a known model.
 *
 * @param config config.json
 * @param shardBytes bytes after which a new shard begins
 */
public record SyntheticShape(Map<String, Object> config, long shardBytes) {
  private static final String QUANTIZATION = "quantization_config";
  private static final long SHARD = 1_000_000_000;
  private static final Map<String, SyntheticShape> PRESETS = presets();

  /**
   * The shape of this name: {@code tiny}; {@code 160m}, a Llama of twelve blocks; {@code 1.1b},
   * TinyLlama's; {@code 3b}, OpenLlama's; {@code 7b}, Llama 2's; {@code 70b} and {@code 405b},
   * Llama 3.1's; {@code 30b-a3b}, that of Qwen3's mixture of 128 experts; {@code 671b},
   * DeepSeek-V3's, and {@code 671b-fp8}, the same with the 8-bit floats that it is published in.
   *
   * @throws BadInputException if there is no such name
   */
  public static SyntheticShape of(String name) {
    SyntheticShape shape = PRESETS.get(name);
    if (shape == null) {
      throw BadInputException.usage(
          "Shape '%s' is unknown, expected one of %s", Printable.of(name), PRESETS.keySet());
    }
    return shape;
  }

  /**
   * The same with fewer blocks, or more.
   *
   * @throws BadInputException if there is none
   */
  public SyntheticShape withBlocks(int blocks) {
    if (blocks < 1) {
      throw BadInputException.usage("--blocks is %d, expected at least 1", blocks);
    }
    Map<String, Object> changed = new LinkedHashMap<>(config);
    changed.put("num_hidden_layers", blocks);
    return new SyntheticShape(changed, shardBytes);
  }

  /** The family's name in config.json. */
  String modelType() {
    return (String) config.get("model_type");
  }

  /** Whether linear modules are 8-bit floats with a scale for each block of 128 x 128. */
  boolean float8() {
    return config.containsKey(QUANTIZATION);
  }

  private static Map<String, SyntheticShape> presets() {
    Map<String, SyntheticShape> presets = new LinkedHashMap<>();
    presets.put("tiny", llama(256, 64, 176, 2, 4, 2, 128, 100_000));
    presets.put("160m", llama(32_000, 768, 3072, 12, 12, 12, 2048, SHARD));
    presets.put("1.1b", llama(32_000, 2048, 5632, 22, 32, 4, 2048, SHARD));
    presets.put("3b", llama(32_000, 3200, 8640, 26, 32, 32, 2048, SHARD));
    presets.put("7b", llama(32_000, 4096, 11_008, 32, 32, 32, 4096, SHARD));
    presets.put("30b-a3b", qwen3Moe());
    presets.put("70b", llama(128_256, 8192, 28_672, 80, 64, 8, 131_072, 5 * SHARD));
    presets.put("405b", llama(128_256, 16_384, 53_248, 126, 128, 8, 131_072, 5 * SHARD));
    presets.put("671b", deepseekV3());
    presets.put("671b-fp8", inFloat8(deepseekV3()));
    return presets;
  }

  private static SyntheticShape llama(
      int vocabulary,
      int hidden,
      int intermediate,
      int blocks,
      int heads,
      int keyValueHeads,
      int maxPositions,
      long shardBytes) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("architectures", List.of("LlamaForCausalLM"));
    config.put("model_type", "llama");
    config.put("vocab_size", vocabulary);
    config.put("hidden_size", hidden);
    config.put("intermediate_size", intermediate);
    config.put("num_hidden_layers", blocks);
    config.put("num_attention_heads", heads);
    config.put("num_key_value_heads", keyValueHeads);
    config.put("max_position_embeddings", maxPositions);
    config.put("hidden_act", "silu");
    config.put("rms_norm_eps", 1e-5);
    config.put("rope_theta", 10_000.0);
    config.put("tie_word_embeddings", false);
    config.put("bos_token_id", 1);
    config.put("eos_token_id", 2);
    config.put("torch_dtype", "bfloat16");
    return new SyntheticShape(config, shardBytes);
  }

  /** Qwen3-30B-A3B. */
  private static SyntheticShape qwen3Moe() {
    SyntheticShape shape = llama(151_936, 2048, 6144, 48, 32, 4, 40_960, 4 * SHARD);
    shape.config.put("architectures", List.of("Qwen3MoeForCausalLM"));
    shape.config.put("model_type", "qwen3_moe");
    shape.config.put("rms_norm_eps", 1e-6);
    shape.config.put("rope_theta", 1_000_000.0);
    shape.config.put("head_dim", 128);
    shape.config.put("num_experts", 128);
    shape.config.put("num_experts_per_tok", 8);
    shape.config.put("moe_intermediate_size", 768);
    shape.config.put("norm_topk_prob", true);
    return shape;
  }

  /** DeepSeek-V3 in BF16, without its layer that predicts a second token. */
  private static SyntheticShape deepseekV3() {
    SyntheticShape shape = llama(129_280, 7168, 18_432, 61, 128, 128, 163_840, 5 * SHARD);
    shape.config.put("architectures", List.of("DeepseekV3ForCausalLM"));
    shape.config.put("model_type", "deepseek_v3");
    shape.config.put("rms_norm_eps", 1e-6);
    shape.config.put("q_lora_rank", 1536);
    shape.config.put("kv_lora_rank", 512);
    shape.config.put("qk_nope_head_dim", 128);
    shape.config.put("qk_rope_head_dim", 64);
    shape.config.put("v_head_dim", 128);
    shape.config.put("first_k_dense_replace", 3);
    shape.config.put("n_routed_experts", 256);
    shape.config.put("num_experts_per_tok", 8);
    shape.config.put("n_shared_experts", 1);
    shape.config.put("moe_intermediate_size", 2048);
    shape.config.put("n_group", 8);
    shape.config.put("topk_group", 4);
    shape.config.put("norm_topk_prob", true);
    shape.config.put("routed_scaling_factor", 2.5);
    return shape;
  }

  private static SyntheticShape inFloat8(SyntheticShape shape) {
    Map<String, Object> quantization = new LinkedHashMap<>();
    quantization.put("activation_scheme", "dynamic");
    quantization.put("fmt", "e4m3");
    quantization.put("quant_method", "fp8");
    quantization.put("weight_block_size", List.of(128, 128));
    shape.config.put(QUANTIZATION, quantization);
    return shape;
  }
}
