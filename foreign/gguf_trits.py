"""Holds a GGUF file's weights against the ternary checkpoint it was made of.

gguf_trits.py MODEL.safetensors FILE.gguf HEADS KEYS [divide]: for each linear module prints, as JSON, the type that
it has, and the largest difference of its weights as the package gguf decodes them. Trits may be packed, four rows to
a byte, with one scale that they are multiplied with, or divided by. Of queries and keys, of so many heads, ggml has
the rows that rotate together side by side.
"""
import json
import sys

import numpy as np
from gguf import GGUFReader, dequantize
from safetensors.torch import load_file

source, file, heads, keys = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
divide = sys.argv[5:] == ["divide"]
NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def weights(stored, scale):
    if stored.is_floating_point():
        return stored.float().numpy()
    trits = np.concatenate([stored.numpy() >> 2 * quarter & 3 for quarter in range(4)]).astype(np.float32) - 1
    scale = scale.float().numpy()
    return trits / scale if divide else trits * scale


tensors = load_file(source)
decoded = {t.name: (t.tensor_type.name, dequantize(t.data, t.tensor_type)) for t in GGUFReader(file).tensors}
found = {}
for name, stored in tensors.items():
    if not name.endswith("_proj.weight"):
        continue
    _, _, block, module = name.removesuffix(".weight").split(".", 3)
    own = weights(stored, tensors.get(name + "_scale"))
    count = {"self_attn.q_proj": heads, "self_attn.k_proj": keys}.get(module)
    if count:
        own = own.reshape(count, 2, -1, own.shape[1]).swapaxes(1, 2).reshape(own.shape)
    kind, there = decoded[f"blk.{block}.{NAMES[module]}.weight"]
    assert own.any() and own.shape == there.shape
    found[name] = kind, float(np.abs(own - there).max())
print(json.dumps(found))
