"""What an entry of the table is: what published checkpoints of a family say, at the size of a toy.

An entry has `config` (config.json); `names`, some that must be in the file where they deserve a check; `matters`, other values
of keys of which each must move the logits; `rest`, parts of names of tensors that the logits do not need; `publish`, what makes
the names and the layout of the hub of what transformers saves, where those differ; `quantized`, whether what is read back is
not what was written, because it was rounded in between.
"""

import torch

FAMILIES = {}
ABSENT = object()


def family(
    folder,
    model_type,
    architecture,
    names=(),
    matters={},
    rest=(),
    publish=lambda tensors: tensors,
    quantized=False,
    layers=2,
    size=16,
    inner=24,
    wrap=lambda config: config,
    **keys
):
    """Adds a family; the value ABSENT leaves a common key out."""
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
    FAMILIES[folder] = dict(
        config=wrap(config), names=names, matters=matters, rest=rest, publish=publish, quantized=quantized
    )


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


def beside(*extra):
    """Adds tensors that checkpoints have and the forward pass does not read: (name, shape)."""

    def publish(tensors):
        return tensors | {name: torch.full(shape, 0.5) for name, shape in extra}

    return publish


def inside(model_type, architecture, **outer):
    """Puts a text configuration into that of a model that sees and hears."""

    def wrap(config):
        kept = {
            key: config.pop(key) for key in ("architectures", "torch_dtype", "tie_word_embeddings") if key in config
        }
        return kept | {"architectures": [architecture], "model_type": model_type, "text_config": config} | outer

    return wrap
