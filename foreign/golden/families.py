"""The configurations: what published checkpoints of each family say, at the size of a toy.

An entry has `config` (config.json); `names`, some that must be in the file where they deserve a check; `matters`, other values
of keys of which each must move the logits; `rest`, parts of names of tensors that the logits do not need; `publish`, what makes
the names and the layout of the hub of what transformers saves, where those differ; `quantized`, whether what is read back is not what was written, because it was rounded in between.
"""

import torch

FAMILIES = {}


def family(folder, model_type, architecture, names=(), matters={}, rest=(), publish=lambda tensors: tensors, quantized=False,
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
    FAMILIES[folder] = dict(config=wrap(config), names=names, matters=matters, rest=rest, publish=publish, quantized=quantized)


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
    "original_max_position_embeddings": 64,
    "rope_type": "yarn",
}

family("llama-bias", "llama", "LlamaForCausalLM", attention_bias=True, mlp_bias=True, rope_scaling=None,
       names=["model.layers.0.self_attn.o_proj.bias", "model.layers.1.mlp.down_proj.bias", "lm_head.weight"],
       matters={"rope_theta": 500.0, "rms_norm_eps": 0.1})
family("llama-rope", "llama", "LlamaForCausalLM", attention_bias=False, mlp_bias=False, head_dim=8, rms_norm_eps=1e-5,
       rope_scaling=LLAMA3_ROPE, rope_theta=500000.0, tie_word_embeddings=True, pretraining_tp=1,
       matters={"rope_scaling": None, "rope_theta": 10000.0})
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
family("smollm3", "smollm3", "SmolLM3ForCausalLM", attention_bias=False, mlp_bias=False, pad_token_id=0,
       layer_types=["full_attention"] * 2, max_window_layers=28, no_rope_layer_interval=2, no_rope_layers=[1, 0],
       rope_scaling=None, rope_theta=5000000.0, sliding_window=None, use_sliding_window=False, tie_word_embeddings=ABSENT,
       matters={"no_rope_layers": [1, 1], "rope_theta": 1e4})
family("olmo2", "olmo2", "Olmo2ForCausalLM", attention_bias=False, pad_token_id=0, rope_scaling=None, rope_theta=500000,
       names=["model.layers.0.post_feedforward_layernorm.weight", "model.layers.0.self_attn.k_norm.weight"],
       matters={"rope_theta": 1e4})
family("olmo3", "olmo3", "Olmo3ForCausalLM", attention_bias=False, pad_token_id=0, rope_theta=500000, sliding_window=6,
       layer_types=["sliding_attention", "full_attention"],
       rope_scaling=YARN | {"attention_factor": 1.2079441541679836},
       matters={"sliding_window": 7, "layer_types": ["full_attention"] * 2, "rope_scaling": None, "rope_theta": 1e4})
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
family("exaone4", "exaone4", "Exaone4ForCausalLM", attention_dropout=0.0, head_dim=4, pad_token_id=0,
       layer_types=["sliding_attention", "full_attention"], rms_norm_eps=1e-5, rope_scaling=LLAMA3_ROPE,
       rope_theta=1000000, sliding_window=6, sliding_window_pattern="LG",
       matters={"sliding_window": 7, "layer_types": ["sliding_attention"] * 2, "rope_scaling": None})
COHERE = dict(attention_bias=False, attention_dropout=0.0, layer_norm_eps=1e-5, pad_token_id=0, rms_norm_eps=ABSENT,
              tie_word_embeddings=ABSENT)
family("cohere", "cohere", "CohereForCausalLM", **COHERE, logit_scale=0.25, use_qk_norm=True,
       names=["model.layers.0.self_attn.q_norm.weight"],
       matters={"logit_scale": 0.5, "rope_theta": 500.0})
family("cohere2", "cohere2", "Cohere2ForCausalLM", **COHERE, cache_implementation="hybrid", head_dim=4,
       layer_switch=2, logit_scale=0.5, order_of_interleaved_layers="local_attn_first", position_embedding_type="rope_gptj",
       rope_scaling=None, rope_theta=50000, rotary_pct=1.0, sliding_window=6, sliding_window_pattern=2,
       use_embedding_sharing=True, use_gated_activation=True, use_parallel_block=True, use_parallel_embedding=True,
       use_qk_norm=False,
       matters={"logit_scale": 0.25, "sliding_window": 7, "sliding_window_pattern": 3})
family("glm4", "glm4", "Glm4ForCausalLM", attention_bias=True, attention_dropout=0.0, head_dim=8, pad_token_id=0,
       partial_rotary_factor=0.5, rms_norm_eps=1e-5,
       names=["model.layers.0.post_self_attn_layernorm.weight", "model.layers.0.mlp.gate_up_proj.weight"],
       matters={"partial_rotary_factor": 0.25, "rope_theta": 500.0})

# Mixtures of experts.

def beside(*extra):
    """Adds tensors that checkpoints have and the forward pass does not read: (name, shape)."""

    def publish(tensors):
        return tensors | {name: torch.full(shape, 0.5) for name, shape in extra}

    return publish


family("qwen3_moe", "qwen3_moe", "Qwen3MoeForCausalLM", layers=4, inner=16, attention_bias=False, attention_dropout=0.0,
       decoder_sparse_step=2, head_dim=4, max_window_layers=4, mlp_only_layers=[3], moe_intermediate_size=6,
       norm_topk_prob=True, num_experts=5, num_experts_per_tok=2, output_router_logits=False, rope_scaling=None,
       rope_theta=1000000.0, router_aux_loss_coef=0.001, sliding_window=None, use_sliding_window=False,
       names=["model.layers.1.mlp.experts.4.gate_proj.weight", "model.layers.1.mlp.gate.weight", "model.layers.3.mlp.up_proj.weight"],
       matters={"norm_topk_prob": False, "num_experts_per_tok": 3})
family("mixtral", "mixtral", "MixtralForCausalLM", inner=8, head_dim=8, num_experts_per_tok=2, num_local_experts=4,
       rms_norm_eps=1e-5, rope_theta=1000000.0, sliding_window=None, router_jitter_noise=0.0,
       names=["model.layers.0.block_sparse_moe.experts.3.w2.weight", "model.layers.0.block_sparse_moe.gate.weight"],
       matters={"num_experts_per_tok": 1})
family("glm4_moe", "glm4_moe", "Glm4MoeForCausalLM", attention_bias=True, attention_dropout=0.0,
       first_k_dense_replace=1, head_dim=8, moe_intermediate_size=5, n_group=2, n_routed_experts=6, n_shared_experts=1,
       norm_topk_prob=True, num_experts_per_tok=2, num_nextn_predict_layers=1, pad_token_id=0, partial_rotary_factor=0.5,
       rms_norm_eps=1e-5, rope_scaling=None, rope_theta=1000000, routed_scaling_factor=1.5, topk_group=1, use_qk_norm=True,
       names=["model.layers.1.mlp.gate.e_score_correction_bias", "model.layers.1.mlp.experts.5.down_proj.weight",
              "model.layers.1.mlp.shared_experts.up_proj.weight", "model.layers.0.self_attn.k_proj.bias"],
       matters={"n_group": 1, "norm_topk_prob": False, "routed_scaling_factor": 1.0, "partial_rotary_factor": 0.25})
DEEPSEEK = dict(
    architecture="DeepseekV3ForCausalLM", attention_bias=False, attention_dropout=0.0, first_k_dense_replace=1,
    kv_lora_rank=8, moe_intermediate_size=6, moe_layer_freq=1, n_routed_experts=8, norm_topk_prob=True, num_key_value_heads=4,
    num_nextn_predict_layers=1, qk_nope_head_dim=6, qk_rope_head_dim=4, routed_scaling_factor=2.5, scoring_func="sigmoid",
    topk_method="noaux_tc", v_head_dim=5)
family("deepseek_v3", "deepseek_v3", **DEEPSEEK | {"qk_rope_head_dim": 8}, n_group=4, n_shared_experts=1, num_experts_per_tok=3, q_lora_rank=12,
       rope_scaling={"beta_fast": 32, "beta_slow": 1, "factor": 8, "mscale": 1.0, "mscale_all_dim": 0.7,
                     "original_max_position_embeddings": 64, "type": "yarn"},
       topk_group=2, rest=["layers.2."],
       publish=beside(("model.layers.2.eh_proj.weight", (16, 32)), ("model.layers.2.enorm.weight", (16,)),
                      ("model.layers.2.hnorm.weight", (16,)), ("model.layers.2.shared_head.norm.weight", (16,))),
       names=["model.layers.0.self_attn.kv_a_proj_with_mqa.weight", "model.layers.1.mlp.gate.e_score_correction_bias"],
       matters={"n_group": 2, "norm_topk_prob": False, "topk_group": 3, "rope_scaling": None, "rope_theta": 100.0})
family("deepseek_v3-plain", "deepseek_v3", **DEEPSEEK, n_group=1, n_shared_experts=2, num_experts_per_tok=2, q_lora_rank=None,
       rope_interleave=False, rope_scaling=None, topk_group=1, names=["model.layers.0.self_attn.q_proj.weight"],
       matters={"rope_interleave": True, "routed_scaling_factor": 1.0})
family("granitemoe", "granitemoe", "GraniteMoeForCausalLM", inner=8, attention_bias=False, attention_multiplier=0.4,
       embedding_multiplier=3.0, logits_scaling=1.5, num_experts_per_tok=2, num_local_experts=4, pad_token_id=0,
       residual_multiplier=0.4, rms_norm_eps=1e-6, rope_scaling=None, tie_word_embeddings=True,
       names=["model.layers.0.block_sparse_moe.input_linear.weight", "model.layers.0.block_sparse_moe.output_linear.weight",
              "model.layers.0.block_sparse_moe.router.layer.weight"],
       matters={"attention_multiplier": 0.5, "residual_multiplier": 0.5, "num_experts_per_tok": 3})
family("ernie4_5_moe", "ernie4_5_moe", "Ernie4_5_MoeForCausalLM", layers=3, head_dim=4, moe_intermediate_size=6, moe_k=2,
       moe_layer_end_index=2, moe_layer_interval=1, moe_layer_start_index=1, moe_num_experts=5, moe_num_shared_experts=2,
       pad_token_id=0, rms_norm_eps=1e-5, rope_scaling=None, rope_theta=500000.0, tie_word_embeddings=True, use_bias=False,
       names=["model.layers.1.mlp.moe_statics.e_score_correction_bias", "model.layers.1.mlp.experts.4.up_proj.weight",
              "model.layers.1.mlp.shared_experts.gate_proj.weight"],
       matters={"moe_k": 3, "rope_theta": 100.0})
family("gpt_oss", "gpt_oss", "GptOssForCausalLM", inner=8, attention_bias=True, attention_dropout=0.0, experts_per_token=2,
       head_dim=8, initial_context_length=64, layer_types=["sliding_attention", "full_attention"], num_experts_per_tok=2,
       num_local_experts=4, output_router_logits=False, pad_token_id=0, rms_norm_eps=1e-5,
       rope_scaling=YARN | {"truncate": False}, rope_theta=1000, router_aux_loss_coef=0.9, sliding_window=6, swiglu_limit=1.0,
       names=["model.layers.0.self_attn.sinks", "model.layers.0.mlp.experts.gate_up_proj_bias", "model.layers.0.mlp.router.bias"],
       matters={"sliding_window": 7, "swiglu_limit": 7.0, "num_experts_per_tok": 3, "rope_theta": 100,
                "rope_scaling": YARN | {"truncate": True}})

# Hybrids.

DELTA_NET = dict(
    attention_bias=False, attention_dropout=0.0, full_attention_interval=2, head_dim=8, linear_conv_kernel_dim=4,
    linear_key_head_dim=4, linear_num_key_heads=2, linear_num_value_heads=4, linear_value_head_dim=6)
DELTA_NET_MOE = dict(moe_intermediate_size=6, num_experts=4, num_experts_per_tok=2, shared_expert_intermediate_size=5,
                     output_router_logits=False, router_aux_loss_coef=0.001)
MTP = dict(rest=["mtp", "visual"], publish=beside(("mtp.fc.weight", (16, 32)), ("mtp.norm.weight", (16,)), ("mtp.pre_fc_norm_embedding.weight", (16,)),
             ("mtp.pre_fc_norm_hidden.weight", (16,))))
family("qwen3_next", "qwen3_next", "Qwen3NextForCausalLM", layers=2, inner=16, **DELTA_NET, **DELTA_NET_MOE, decoder_sparse_step=1,
       mlp_only_layers=[], norm_topk_prob=True, partial_rotary_factor=0.5, rope_scaling=None, rope_theta=10000000, **MTP,
       names=["model.layers.0.linear_attn.in_proj_qkvz.weight", "model.layers.0.linear_attn.conv1d.weight",
              "model.layers.0.linear_attn.A_log", "model.layers.1.mlp.experts.3.up_proj.weight",
              "model.layers.0.mlp.shared_expert_gate.weight"],
       matters={"partial_rotary_factor": 0.25, "norm_topk_prob": False, "rope_theta": 100.0})
ROPE_QWEN3_5 = {"mrope_interleaved": True, "mrope_section": [1, 1, 0], "partial_rotary_factor": 0.5, "rope_theta": 10000000,
                "rope_type": "default"}


def inside(model_type, architecture, **outer):
    """Puts a text configuration into that of a model that sees and hears."""

    def wrap(config):
        kept = {key: config.pop(key) for key in ("architectures", "torch_dtype", "tie_word_embeddings") if key in config}
        return kept | {"architectures": [architecture], "model_type": model_type, "text_config": config} | outer

    return wrap


QWEN3_5_SEES = dict(
    image_token_id=60, video_token_id=61, vision_start_token_id=62, vision_end_token_id=63,
    vision_config={"deepstack_visual_indexes": [], "depth": 1, "hidden_act": "gelu_pytorch_tanh", "hidden_size": 8, "in_channels": 3,
                   "intermediate_size": 8, "num_heads": 2, "num_position_embeddings": 4, "out_hidden_size": 16, "patch_size": 2,
                   "spatial_merge_size": 1, "temporal_patch_size": 2})
family("qwen3_5", "qwen3_5_text", "", inner=16, **DELTA_NET, attn_output_gate=True,
       layer_types=["linear_attention", "full_attention"], mamba_ssm_dtype="float32", mtp_num_hidden_layers=1,
       rope_parameters=ROPE_QWEN3_5, rope_theta=ABSENT, **MTP,
       wrap=inside("qwen3_5", "Qwen3_5ForConditionalGeneration", **QWEN3_5_SEES),
       names=["model.language_model.layers.0.linear_attn.in_proj_qkv.weight", "model.visual.blocks.0.attn.qkv.weight"])


def stacked_experts(tensors):
    """Experts in one tensor a layer, as Qwen3.5 publishes them, and no eyes."""
    found = sorted(name for name in tensors if name.endswith(".mlp.experts.0.gate_proj.weight"))
    for first in found:
        layer = first.removesuffix("0.gate_proj.weight")
        count = sum(name.startswith(layer) and name.endswith("gate_proj.weight") for name in tensors)
        gate, up, down = (
            torch.stack([tensors.pop(f"{layer}{expert}.{part}_proj.weight") for expert in range(count)])
            for part in ("gate", "up", "down"))
        tensors[layer + "gate_up_proj"] = torch.cat([gate, up], dim=1)
        tensors[layer + "down_proj"] = down
    return {name: tensor for name, tensor in tensors.items() if not name.startswith("model.visual")}


family("qwen3_5_moe", "qwen3_5_moe_text", "", inner=ABSENT, **DELTA_NET, **DELTA_NET_MOE,
       attn_output_gate=True, layer_types=["linear_attention", "full_attention"], mamba_ssm_dtype="float32",
       rope_parameters=ROPE_QWEN3_5, rope_theta=ABSENT, publish=stacked_experts, rest=["visual"],
       wrap=inside("qwen3_5_moe", "Qwen3_5MoeForConditionalGeneration", **QWEN3_5_SEES),
       names=["model.language_model.layers.0.mlp.experts.gate_up_proj", "model.language_model.layers.1.mlp.shared_expert_gate.weight"],
       matters={"num_experts_per_tok": 3})

# Dense again: what came later.

def siglip(tensors):
    """The tower's names as Gemma 3 publishes them."""
    return {name.replace("vision_tower.", "vision_tower.vision_model."): tensor for name, tensor in tensors.items()}


family("gemma3", "gemma3_text", "", publish=siglip, **{key: value for key, value in GEMMA3.items() if key != "architecture"} | {"layers": 2, "inner": 16},
       rope_scaling={"factor": 8.0, "rope_type": "linear"}, rope_theta=ABSENT, sliding_window_pattern=2, rest=["vision", "multi_modal"],
       wrap=inside("gemma3", "Gemma3ForConditionalGeneration", boi_token_index=61, eoi_token_index=62, image_token_index=63,
                   mm_tokens_per_image=1,
                   vision_config={"hidden_size": 8, "image_size": 4, "intermediate_size": 8, "model_type": "siglip_vision_model",
                                  "num_attention_heads": 2, "num_hidden_layers": 1, "patch_size": 4, "vision_use_head": False}),
       names=["language_model.model.layers.0.self_attn.q_norm.weight"], matters={"sliding_window": 7})
family("ministral", "ministral", "MinistralForCausalLM", head_dim=8, rms_norm_eps=1e-5, sliding_window=6, rope_theta=100000.0,
       layer_types=["full_attention", "sliding_attention"], matters={"sliding_window": 7})
family("ministral3", "ministral3", "Ministral3ForCausalLM", head_dim=8, rms_norm_eps=1e-5, sliding_window=None, rope_theta=ABSENT,
       rope_parameters=YARN | {"llama_4_scaling_beta": 0.5, "max_position_embeddings": 128, "mscale": 1.0, "mscale_all_dim": 1.0,
                               "original_max_position_embeddings": 8, "rope_theta": 1000000.0, "type": "yarn"})
family("bitnet", "bitnet", "BitNetForCausalLM", attention_bias=False, attention_dropout=0.0, hidden_act="relu2", rms_norm_eps=1e-5,
       rope_theta=500000.0, tie_word_embeddings=True,
       names=["model.layers.0.self_attn.attn_sub_norm.weight", "model.layers.0.mlp.ffn_sub_norm.weight"],
       matters={"hidden_act": "silu"})


def gemma4(folder, architecture, wrap=lambda config: config, **keys):
    family(folder, "gemma4_text", architecture, wrap=wrap, **dict(
        inner=12, attention_bias=False, attention_dropout=0.0, attention_k_eq_v=False, bos_token_id=2, enable_moe_block=False,
        eos_token_id=1, final_logit_softcapping=8.0, global_head_dim=8, head_dim=4, hidden_act=ABSENT,
        hidden_activation="gelu_pytorch_tanh", hidden_size_per_layer_input=0, num_experts=None,
        num_global_key_value_heads=None, num_kv_shared_layers=0, pad_token_id=0, rope_theta=ABSENT,
        rope_parameters={
            "full_attention": {"partial_rotary_factor": 0.5, "rope_theta": 1000000.0, "rope_type": "proportional"},
            "sliding_attention": {"rope_theta": 10000.0, "rope_type": "default"}},
        sliding_window=6, tie_word_embeddings=True, top_k_experts=None, use_bidirectional_attention=None,
        use_double_wide_mlp=False, vocab_size_per_layer_input=64) | keys)


gemma4("gemma4-small", "", layers=4, layer_types=["sliding_attention", "full_attention"] * 2, hidden_size_per_layer_input=5,
       num_kv_shared_layers=2, use_double_wide_mlp=True, inner=8,
       rest=["vision", "audio", "layers.3.layer_scalar", "layers.2.self_attn.k", "layers.2.self_attn.v"],
       publish=beside(*((f"model.language_model.layers.2.self_attn.{name}.weight", shape) for name, shape in
                        (("k_proj", (8, 16)), ("v_proj", (8, 16)), ("k_norm", (4,))))),
       wrap=inside("gemma4", "Gemma4ForConditionalGeneration", audio_config=None, vision_config=None),
       names=["model.language_model.embed_tokens_per_layer.weight", "model.language_model.layers.0.layer_scalar"],
       matters={"sliding_window": 7, "final_logit_softcapping": None})
gemma4("gemma4-moe", "Gemma4ForCausalLM", layer_types=["sliding_attention", "full_attention"], attention_k_eq_v=True,
       enable_moe_block=True, moe_intermediate_size=6, num_experts=4, num_global_key_value_heads=1, top_k_experts=2,
       rest=["layers.1.layer_scalar"],
       names=["model.layers.0.experts.gate_up_proj", "model.layers.0.router.per_expert_scale"],
       matters={"sliding_window": 7, "top_k_experts": 3})

# Sources that are quantized already.

FP4 = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0])


def mxfp4(tensors):
    """Experts in MXFP4 as GPT-OSS publishes them: outputs first, blocks of 32 inputs, two values a byte, the first one low."""
    for name in [name for name in tensors if name.endswith(("experts.gate_up_proj", "experts.down_proj"))]:
        weights = tensors.pop(name).transpose(1, 2)
        blocks = weights.reshape(*weights.shape[:-1], -1, 32)
        power = torch.ceil(torch.log2(blocks.abs().amax(-1) / 6)).to(torch.int32)
        scaled = torch.ldexp(blocks, -power[..., None])
        code = (scaled.abs()[..., None] - FP4).abs().argmin(-1) + 8 * (scaled < 0)
        tensors[name + "_blocks"] = (code[..., 0::2] + 16 * code[..., 1::2]).to(torch.uint8)
        tensors[name + "_scales"] = (power + 127).to(torch.uint8)
    return tensors


family("gpt_oss-mxfp4", "gpt_oss", "GptOssForCausalLM", size=32, inner=32, attention_bias=True, attention_dropout=0.0,
       experts_per_token=2, head_dim=4, initial_context_length=64, layer_types=["sliding_attention", "full_attention"],
       num_experts_per_tok=2, num_local_experts=3, output_router_logits=False, pad_token_id=0,
       quantization_config={"modules_to_not_convert": ["model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens",
                                                       "lm_head"], "quant_method": "mxfp4"},
       rms_norm_eps=1e-5, rope_scaling=YARN | {"truncate": False}, rope_theta=1000, router_aux_loss_coef=0.9, sliding_window=6,
       swiglu_limit=7.0, publish=mxfp4, quantized=True,
       names=["model.layers.0.mlp.experts.gate_up_proj_blocks", "model.layers.1.mlp.experts.down_proj_scales"])
family("bitnet-online", "bitnet", "BitNetForCausalLM", attention_bias=False, attention_dropout=0.0, hidden_act="relu2",
       quantization_config={"linear_class": "autobitlinear", "quant_method": "bitnet", "quantization_mode": "online"},
       rms_norm_eps=1e-5, rope_theta=500000.0, tie_word_embeddings=True, quantized=True)
