"""The configurations: what published checkpoints of each family say, at the size of a toy.

An entry has `config` (config.json); `names`, some that must be in the file where they deserve a check; `matters`, other values
of keys of which each must move the logits; `rest`, parts of names of tensors that the logits do not need; `publish`, what makes
the names and the layout of the hub of what transformers saves, where those differ.
"""

FAMILIES = {}


def family(folder, model_type, architecture, names=(), matters={}, rest=(), publish=lambda tensors: tensors,
           layers=2, size=16, inner=24, wrap=lambda config: config, **keys):
    """Adds a family; None as a value leaves a common key out."""
    config = {
        "architectures": [architecture],
        "bos_token_id": 1,
        "eos_token_id": 2,
        "hidden_act": "silu",
        "hidden_size": size,
        "initializer_range": 0.02,
        "intermediate_size": inner,
        "max_position_embeddings": 128,
        "model_type": model_type,
        "num_attention_heads": 4,
        "num_hidden_layers": layers,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-6,
        "rope_theta": 10000.0,
        "tie_word_embeddings": False,
        "torch_dtype": "float32",
        "use_cache": True,
        "vocab_size": 64,
    }
    config = {key: value for key, value in (config | keys).items() if value is not ABSENT}
    FAMILIES[folder] = dict(config=wrap(config), names=names, matters=matters, rest=rest, publish=publish)


ABSENT = object()

# Dense families.

LLAMA3_ROPE = {
    "factor": 8.0,
    "high_freq_factor": 4.0,
    "low_freq_factor": 1.0,
    "original_max_position_embeddings": 32,
    "rope_type": "llama3",
}
YARN = {
    "beta_fast": 32.0,
    "beta_slow": 1.0,
    "factor": 8.0,
    "original_max_position_embeddings": 16,
    "rope_type": "yarn",
}

family("llama-bias", "llama", "LlamaForCausalLM", attention_bias=True, mlp_bias=True, rope_scaling=None,
       names=["model.layers.0.self_attn.o_proj.bias", "model.layers.1.mlp.down_proj.bias", "lm_head.weight"],
       matters={"rope_theta": 500.0, "rms_norm_eps": 0.1})
family("llama-rope", "llama", "LlamaForCausalLM", attention_bias=False, mlp_bias=False, head_dim=8, rms_norm_eps=1e-5,
       rope_scaling=LLAMA3_ROPE, rope_theta=500000.0, tie_word_embeddings=True, pretraining_tp=1,
       matters={"rope_scaling": None, "rope_theta": 10000.0})
family("llama-linear", "llama", "LlamaForCausalLM", rope_scaling={"factor": 4.0, "type": "linear"},
       matters={"rope_scaling": None})
family("mistral", "mistral", "MistralForCausalLM", head_dim=8, rms_norm_eps=1e-5, sliding_window=6,
       matters={"sliding_window": 7, "rope_theta": 500.0})
family("qwen2", "qwen2", "Qwen2ForCausalLM", layers=3, max_window_layers=1, rope_theta=1000000.0, sliding_window=6,
       use_sliding_window=True, tie_word_embeddings=True, attention_dropout=0.0,
       names=["model.layers.0.self_attn.q_proj.bias"],
       matters={"sliding_window": 7, "max_window_layers": 2, "use_sliding_window": False})
family("qwen3", "qwen3", "Qwen3ForCausalLM", attention_bias=False, head_dim=8, max_window_layers=2, rope_scaling=None,
       rope_theta=1000000, sliding_window=None, use_sliding_window=False, tie_word_embeddings=True,
       names=["model.layers.0.self_attn.q_norm.weight"],
       matters={"rope_theta": 1e4})
family("smollm3", "smollm3", "SmolLM3ForCausalLM", layers=4, attention_bias=False, mlp_bias=False, pad_token_id=0,
       layer_types=["full_attention"] * 4, max_window_layers=28, no_rope_layer_interval=4, no_rope_layers=[1, 1, 1, 0],
       rope_scaling=None, rope_theta=5000000.0, sliding_window=None, use_sliding_window=False, tie_word_embeddings=ABSENT,
       matters={"no_rope_layers": [1, 1, 1, 1], "rope_theta": 1e4})
family("olmo2", "olmo2", "Olmo2ForCausalLM", attention_bias=False, pad_token_id=0, rope_scaling=None, rope_theta=500000,
       names=["model.layers.0.post_feedforward_layernorm.weight", "model.layers.0.self_attn.k_norm.weight"],
       matters={"rope_theta": 1e4})
family("olmo3", "olmo3", "Olmo3ForCausalLM", layers=4, attention_bias=False, pad_token_id=0, rope_theta=500000, sliding_window=6,
       layer_types=["sliding_attention"] * 3 + ["full_attention"],
       rope_scaling=YARN | {"attention_factor": 1.2079441541679836},
       matters={"sliding_window": 7, "layer_types": ["full_attention"] * 4, "rope_scaling": None, "rope_theta": 1e4})
family("gemma2", "gemma2", "Gemma2ForCausalLM", attention_bias=False, attention_dropout=0.0, attn_logit_softcapping=5.0,
       bos_token_id=2, cache_implementation="hybrid", eos_token_id=1, final_logit_softcapping=6.0, head_dim=8,
       hidden_act="gelu_pytorch_tanh", hidden_activation="gelu_pytorch_tanh", pad_token_id=0, query_pre_attn_scalar=12,
       sliding_window=6, tie_word_embeddings=ABSENT,
       names=["model.layers.0.pre_feedforward_layernorm.weight"],
       matters={"sliding_window": 7, "attn_logit_softcapping": 6.0, "final_logit_softcapping": 7.0, "query_pre_attn_scalar": 8,
                "hidden_activation": "silu"})
GEMMA3 = dict(
    architecture="Gemma3ForCausalLM", layers=3, attention_bias=False, attention_dropout=0.0, attn_logit_softcapping=None,
    bos_token_id=2, eos_token_id=1, final_logit_softcapping=None, head_dim=8, hidden_act=ABSENT,
    hidden_activation="gelu_pytorch_tanh", pad_token_id=0, query_pre_attn_scalar=12, sliding_window=6,
    tie_word_embeddings=ABSENT)
family("gemma3_text", "gemma3_text", **GEMMA3, rope_local_base_freq=1000.0, rope_scaling={"factor": 8.0, "rope_type": "linear"},
       rope_theta=1000000.0, sliding_window_pattern=3,
       names=["model.layers.0.self_attn.q_norm.weight", "model.layers.2.post_feedforward_layernorm.weight"],
       matters={"rope_local_base_freq": 1e4, "rope_theta": 1e4, "rope_scaling": None, "sliding_window_pattern": 2,
                "query_pre_attn_scalar": 8, "sliding_window": 7})
family("granite", "granite", "GraniteForCausalLM", attention_bias=False, attention_dropout=0.1, attention_multiplier=0.4,
       embedding_multiplier=3.0, logits_scaling=1.5, mlp_bias=False, pad_token_id=0, residual_multiplier=0.4,
       rms_norm_eps=1e-5, rope_scaling=None, tie_word_embeddings=True,
       matters={"attention_multiplier": 0.5, "embedding_multiplier": 2.0, "logits_scaling": 2.0, "residual_multiplier": 0.5})
family("phi3", "phi3", "Phi3ForCausalLM", attention_bias=False, attention_dropout=0.0, embd_pdrop=0.0, resid_pdrop=0.0,
       original_max_position_embeddings=128, pad_token_id=0, rms_norm_eps=1e-5, rope_scaling=None, sliding_window=6,
       names=["model.layers.0.self_attn.qkv_proj.weight", "model.layers.0.mlp.gate_up_proj.weight"],
       matters={"sliding_window": 7})
family("phi3-longrope", "phi3", "Phi3ForCausalLM", size=32, inner=16, attention_bias=False, attention_dropout=0.0, embd_pdrop=0.0,
       resid_pdrop=0.0, original_max_position_embeddings=16, pad_token_id=0, partial_rotary_factor=0.75, rms_norm_eps=1e-5,
       rope_scaling={"long_factor": [1.0, 2.5, 4.0], "short_factor": [1.0, 1.25, 1.5], "type": "longrope"},
       sliding_window=256, tie_word_embeddings=True,
       matters={"original_max_position_embeddings": 8, "max_position_embeddings": 64})
family("arcee", "arcee", "ArceeForCausalLM", attention_bias=False, head_dim=8, hidden_act="relu2", mlp_bias=False,
       rms_norm_eps=1e-5, rope_scaling=YARN | {"mscale": 1.0},
       matters={"hidden_act": "silu", "rope_scaling": None})
family("seed_oss", "seed_oss", "SeedOssForCausalLM", attention_bias=True, attention_dropout=0.1, attention_out_bias=False,
       head_dim=8, mlp_bias=False, pad_token_id=0, residual_dropout=0.1, rope_scaling={"rope_type": "default"},
       rope_theta=10000000.0, names=["model.layers.0.self_attn.q_proj.bias"],
       matters={"rope_theta": 1e4})
family("exaone4", "exaone4", "Exaone4ForCausalLM", layers=4, attention_dropout=0.0, head_dim=4, pad_token_id=0,
       layer_types=["sliding_attention"] * 3 + ["full_attention"], rms_norm_eps=1e-5, rope_scaling=LLAMA3_ROPE,
       rope_theta=1000000, sliding_window=6, sliding_window_pattern="LLLG",
       matters={"sliding_window": 7, "layer_types": ["sliding_attention"] * 4, "rope_scaling": None})
COHERE = dict(attention_bias=False, attention_dropout=0.0, layer_norm_eps=1e-5, pad_token_id=0, rms_norm_eps=ABSENT,
              tie_word_embeddings=ABSENT)
family("cohere", "cohere", "CohereForCausalLM", **COHERE, logit_scale=0.25, use_qk_norm=True,
       names=["model.layers.0.self_attn.q_norm.weight"],
       matters={"logit_scale": 0.5, "rope_theta": 500.0})
family("cohere2", "cohere2", "Cohere2ForCausalLM", **COHERE, layers=4, cache_implementation="hybrid", head_dim=4,
       layer_switch=4, logit_scale=0.5, order_of_interleaved_layers="local_attn_first", position_embedding_type="rope_gptj",
       rope_scaling=None, rope_theta=50000, rotary_pct=1.0, sliding_window=6, sliding_window_pattern=4,
       use_embedding_sharing=True, use_gated_activation=True, use_parallel_block=True, use_parallel_embedding=True,
       use_qk_norm=False,
       matters={"logit_scale": 0.25, "sliding_window": 7, "sliding_window_pattern": 3})
family("glm4", "glm4", "Glm4ForCausalLM", attention_bias=True, attention_dropout=0.0, head_dim=8, pad_token_id=0,
       partial_rotary_factor=0.5, rms_norm_eps=1e-5,
       names=["model.layers.0.post_self_attn_layernorm.weight", "model.layers.0.mlp.gate_up_proj.weight"],
       matters={"partial_rotary_factor": 0.25, "rope_theta": 500.0})
