"""Gemma 2, 3 and 4."""

from entry import ABSENT, beside, family, inside

family(
    "gemma2",
    "gemma2",
    "Gemma2ForCausalLM",
    attention_bias=False,
    attention_dropout=0.0,
    attn_logit_softcapping=5.0,
    bos_token_id=2,
    cache_implementation="hybrid",
    eos_token_id=1,
    final_logit_softcapping=6.0,
    head_dim=8,
    hidden_act="gelu_pytorch_tanh",
    hidden_activation="gelu_pytorch_tanh",
    pad_token_id=0,
    query_pre_attn_scalar=12,
    sliding_window=6,
    tie_word_embeddings=ABSENT,
    names=["model.layers.0.pre_feedforward_layernorm.weight"],
    matters={
        "sliding_window": 7,
        "attn_logit_softcapping": 6.0,
        "final_logit_softcapping": 7.0,
        "query_pre_attn_scalar": 8,
        "hidden_activation": "silu",
    },
)
GEMMA3 = dict(
    architecture="Gemma3ForCausalLM",
    layers=3,
    attention_bias=False,
    attention_dropout=0.0,
    attn_logit_softcapping=None,
    bos_token_id=2,
    eos_token_id=1,
    final_logit_softcapping=None,
    head_dim=8,
    hidden_act=ABSENT,
    hidden_activation="gelu_pytorch_tanh",
    pad_token_id=0,
    query_pre_attn_scalar=12,
    sliding_window=6,
    tie_word_embeddings=ABSENT,
)
family(
    "gemma3_text",
    "gemma3_text",
    **GEMMA3,
    rope_local_base_freq=1000.0,
    rope_scaling={"factor": 8.0, "rope_type": "linear"},
    rope_theta=1000000.0,
    sliding_window_pattern=3,
    names=["model.layers.0.self_attn.q_norm.weight", "model.layers.2.post_feedforward_layernorm.weight"],
    matters={
        "rope_local_base_freq": 1e4,
        "rope_theta": 1e4,
        "rope_scaling": None,
        "sliding_window_pattern": 2,
        "query_pre_attn_scalar": 8,
        "sliding_window": 7,
    },
)


def siglip(tensors):
    """The tower's names as Gemma 3 publishes them."""
    return {name.replace("vision_tower.", "vision_tower.vision_model."): tensor for name, tensor in tensors.items()}


family(
    "gemma3",
    "gemma3_text",
    "",
    publish=siglip,
    **{key: value for key, value in GEMMA3.items() if key != "architecture"} | {"layers": 2, "inner": 16},
    rope_scaling={"factor": 8.0, "rope_type": "linear"},
    rope_theta=ABSENT,
    sliding_window_pattern=2,
    rest=["vision", "multi_modal"],
    wrap=inside(
        "gemma3",
        "Gemma3ForConditionalGeneration",
        boi_token_index=61,
        eoi_token_index=62,
        image_token_index=63,
        mm_tokens_per_image=1,
        vision_config={
            "hidden_size": 8,
            "image_size": 4,
            "intermediate_size": 8,
            "model_type": "siglip_vision_model",
            "num_attention_heads": 2,
            "num_hidden_layers": 1,
            "patch_size": 4,
            "vision_use_head": False,
        },
    ),
    names=["language_model.model.layers.0.self_attn.q_norm.weight"],
    matters={"sliding_window": 7},
)


def gemma4(folder, architecture, wrap=lambda config: config, **keys):
    family(
        folder,
        "gemma4_text",
        architecture,
        wrap=wrap,
        **dict(
            inner=12,
            attention_bias=False,
            attention_dropout=0.0,
            attention_k_eq_v=False,
            bos_token_id=2,
            enable_moe_block=False,
            eos_token_id=1,
            final_logit_softcapping=8.0,
            global_head_dim=8,
            head_dim=4,
            hidden_act=ABSENT,
            hidden_activation="gelu_pytorch_tanh",
            hidden_size_per_layer_input=0,
            num_experts=None,
            num_global_key_value_heads=None,
            num_kv_shared_layers=0,
            pad_token_id=0,
            rope_theta=ABSENT,
            rope_parameters={
                "full_attention": {"partial_rotary_factor": 0.5, "rope_theta": 1000000.0, "rope_type": "proportional"},
                "sliding_attention": {"rope_theta": 10000.0, "rope_type": "default"},
            },
            sliding_window=6,
            tie_word_embeddings=True,
            top_k_experts=None,
            use_bidirectional_attention=None,
            use_double_wide_mlp=False,
            vocab_size_per_layer_input=64,
        )
        | keys,
    )


gemma4(
    "gemma4-small",
    "",
    layers=4,
    layer_types=["sliding_attention", "full_attention"] * 2,
    hidden_size_per_layer_input=5,
    num_kv_shared_layers=2,
    use_double_wide_mlp=True,
    inner=8,
    rest=["vision", "audio", "layers.3.layer_scalar", "layers.2.self_attn.k", "layers.2.self_attn.v"],
    publish=beside(
        *(
            (f"model.language_model.layers.2.self_attn.{name}.weight", shape)
            for name, shape in (("k_proj", (8, 16)), ("v_proj", (8, 16)), ("k_norm", (4,)))
        )
    ),
    wrap=inside("gemma4", "Gemma4ForConditionalGeneration", audio_config=None, vision_config=None),
    names=["model.language_model.embed_tokens_per_layer.weight", "model.language_model.layers.0.layer_scalar"],
    matters={"sliding_window": 7, "final_logit_softcapping": None},
)
gemma4(
    "gemma4-moe",
    "Gemma4ForCausalLM",
    layer_types=["sliding_attention", "full_attention"],
    attention_k_eq_v=True,
    enable_moe_block=True,
    moe_intermediate_size=6,
    num_experts=4,
    num_global_key_value_heads=1,
    top_k_experts=2,
    rest=["layers.1.layer_scalar"],
    names=["model.layers.0.experts.gate_up_proj", "model.layers.0.router.per_expert_scale"],
    matters={"sliding_window": 7, "top_k_experts": 3},
)
