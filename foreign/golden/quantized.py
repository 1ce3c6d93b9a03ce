"""Sources that are quantized already."""

import torch

from entry import YARN, family

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


family(
    "gpt_oss-mxfp4",
    "gpt_oss",
    "GptOssForCausalLM",
    size=32,
    inner=32,
    attention_bias=True,
    attention_dropout=0.0,
    experts_per_token=2,
    head_dim=4,
    initial_context_length=64,
    layer_types=["sliding_attention", "full_attention"],
    num_experts_per_tok=2,
    num_local_experts=3,
    output_router_logits=False,
    pad_token_id=0,
    quantization_config={
        "modules_to_not_convert": [
            "model.layers.*.self_attn",
            "model.layers.*.mlp.router",
            "model.embed_tokens",
            "lm_head",
        ],
        "quant_method": "mxfp4",
    },
    rms_norm_eps=1e-5,
    rope_scaling=YARN | {"truncate": False},
    rope_theta=1000,
    router_aux_loss_coef=0.9,
    sliding_window=6,
    swiglu_limit=7.0,
    publish=mxfp4,
    quantized=True,
    names=["model.layers.0.mlp.experts.gate_up_proj_blocks", "model.layers.1.mlp.experts.down_proj_scales"],
)
family(
    "bitnet-online",
    "bitnet",
    "BitNetForCausalLM",
    attention_bias=False,
    attention_dropout=0.0,
    hidden_act="relu2",
    quantization_config={"linear_class": "autobitlinear", "quant_method": "bitnet", "quantization_mode": "online"},
    rms_norm_eps=1e-5,
    rope_theta=500000.0,
    tie_word_embeddings=True,
    quantized=True,
)
