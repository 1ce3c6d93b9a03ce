"""Families with other layers beside attention: delta-nets and short convolutions."""

import torch

from entry import ABSENT, beside, family, inside

family(
    "lfm2_moe",
    "lfm2_moe",
    "Lfm2MoeForCausalLM",
    inner=16,
    conv_L_cache=3,
    conv_bias=False,
    hidden_act=ABSENT,
    layer_types=["conv", "full_attention"],
    moe_intermediate_size=6,
    norm_eps=1e-5,
    norm_topk_prob=True,
    num_dense_layers=1,
    num_experts=4,
    num_experts_per_tok=2,
    pad_token_id=0,
    rms_norm_eps=ABSENT,
    rope_theta=1000000.0,
    routed_scaling_factor=1.5,
    tie_word_embeddings=ABSENT,
    use_expert_bias=True,
    names=[
        "model.layers.0.conv.conv.weight",
        "model.layers.0.feed_forward.w1.weight",
        "model.embedding_norm.weight",
        "model.layers.1.feed_forward.experts.3.w3.weight",
        "model.layers.1.feed_forward.expert_bias",
    ],
    matters={"norm_topk_prob": False, "routed_scaling_factor": 1.0},
)
DELTA_NET = dict(
    attention_bias=False,
    attention_dropout=0.0,
    full_attention_interval=2,
    head_dim=8,
    linear_conv_kernel_dim=4,
    linear_key_head_dim=4,
    linear_num_key_heads=2,
    linear_num_value_heads=4,
    linear_value_head_dim=6,
)
DELTA_NET_MOE = dict(
    moe_intermediate_size=6,
    num_experts=4,
    num_experts_per_tok=2,
    shared_expert_intermediate_size=5,
    output_router_logits=False,
    router_aux_loss_coef=0.001,
)
MTP = dict(
    rest=["mtp", "visual"],
    publish=beside(
        ("mtp.fc.weight", (16, 32)),
        ("mtp.norm.weight", (16,)),
        ("mtp.pre_fc_norm_embedding.weight", (16,)),
        ("mtp.pre_fc_norm_hidden.weight", (16,)),
    ),
)
family(
    "qwen3_next",
    "qwen3_next",
    "Qwen3NextForCausalLM",
    layers=2,
    inner=16,
    **DELTA_NET,
    **DELTA_NET_MOE,
    decoder_sparse_step=1,
    mlp_only_layers=[],
    norm_topk_prob=True,
    partial_rotary_factor=0.5,
    rope_scaling=None,
    rope_theta=10000000,
    **MTP,
    names=[
        "model.layers.0.linear_attn.in_proj_qkvz.weight",
        "model.layers.0.linear_attn.conv1d.weight",
        "model.layers.0.linear_attn.A_log",
        "model.layers.1.mlp.experts.3.up_proj.weight",
        "model.layers.0.mlp.shared_expert_gate.weight",
    ],
    matters={"partial_rotary_factor": 0.25, "norm_topk_prob": False, "rope_theta": 100.0},
)
ROPE_QWEN3_5 = {
    "mrope_interleaved": True,
    "mrope_section": [1, 1, 0],
    "partial_rotary_factor": 0.5,
    "rope_theta": 10000000,
    "rope_type": "default",
}
QWEN3_5_SEES = dict(
    image_token_id=60,
    video_token_id=61,
    vision_start_token_id=62,
    vision_end_token_id=63,
    vision_config={
        "deepstack_visual_indexes": [],
        "depth": 1,
        "hidden_act": "gelu_pytorch_tanh",
        "hidden_size": 8,
        "in_channels": 3,
        "intermediate_size": 8,
        "num_heads": 2,
        "num_position_embeddings": 4,
        "out_hidden_size": 16,
        "patch_size": 2,
        "spatial_merge_size": 1,
        "temporal_patch_size": 2,
    },
)
family(
    "qwen3_5",
    "qwen3_5_text",
    "",
    inner=16,
    **DELTA_NET,
    attn_output_gate=True,
    layer_types=["linear_attention", "full_attention"],
    mamba_ssm_dtype="float32",
    mtp_num_hidden_layers=1,
    rope_parameters=ROPE_QWEN3_5,
    rope_theta=ABSENT,
    **MTP,
    wrap=inside("qwen3_5", "Qwen3_5ForConditionalGeneration", **QWEN3_5_SEES),
    names=["model.language_model.layers.0.linear_attn.in_proj_qkv.weight", "model.visual.blocks.0.attn.qkv.weight"],
)


def stacked_experts(tensors):
    """Experts in one tensor a layer, as Qwen3.5 publishes them, and no eyes."""
    found = sorted(name for name in tensors if name.endswith(".mlp.experts.0.gate_proj.weight"))
    for first in found:
        layer = first.removesuffix("0.gate_proj.weight")
        count = sum(name.startswith(layer) and name.endswith("gate_proj.weight") for name in tensors)
        gate, up, down = (
            torch.stack([tensors.pop(f"{layer}{expert}.{part}_proj.weight") for expert in range(count)])
            for part in ("gate", "up", "down")
        )
        tensors[layer + "gate_up_proj"] = torch.cat([gate, up], dim=1)
        tensors[layer + "down_proj"] = down
    return {name: tensor for name, tensor in tensors.items() if not name.startswith("model.visual")}


family(
    "qwen3_5_moe",
    "qwen3_5_moe_text",
    "",
    inner=ABSENT,
    **DELTA_NET,
    **DELTA_NET_MOE,
    attn_output_gate=True,
    layer_types=["linear_attention", "full_attention"],
    mamba_ssm_dtype="float32",
    rope_parameters=ROPE_QWEN3_5,
    rope_theta=ABSENT,
    publish=stacked_experts,
    rest=["visual"],
    wrap=inside("qwen3_5_moe", "Qwen3_5MoeForConditionalGeneration", **QWEN3_5_SEES),
    names=[
        "model.language_model.layers.0.mlp.experts.gate_up_proj",
        "model.language_model.layers.1.mlp.shared_expert_gate.weight",
    ],
    matters={"num_experts_per_tok": 3},
)
