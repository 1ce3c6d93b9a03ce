"""Opens exported checkpoints and holds their weights and logits against plain ones.

exports.py PLAIN EXPORTED IDS [LOGITS]: prints, as JSON, the largest difference of a linear module's
weights, and of the logits relative to the largest, between a checkpoint of plain weights and another
format; all logits of this are written to a file on demand.
"""

import glob
import json
import os
import sys
from pathlib import Path

os.environ["TORCHDYNAMO_DISABLE"] = "1"  # modules of BitNet compile what they do to inputs

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM


def opened(path):
    model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)
    for parameter in model.parameters():  # of BitNet, embedding and norms stay what they were stored as
        if parameter.is_floating_point():
            parameter.data = parameter.data.float()
    return model.eval()


def weights(model):
    found = {}
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear):
            found[name] = module.weight.detach().float()
            if type(module).__name__ == "AutoBitLinear":  # whose scale is multiplied with what comes out
                found[name] = found[name] * module.weight_scale.float()
    return found


def gptq(path, plain):
    """The largest difference of weights, read by the published layout."""
    tensors = {}
    for file in glob.glob(path + "/*.safetensors"):
        tensors.update(load_file(file))
    worst = 0.0
    for name, q in tensors.items():
        if not name.endswith(".qweight"):
            continue
        base = name[: -len(".qweight")]
        shifts = torch.arange(0, 32, 4)
        codes = (q[:, None, :] >> shifts[None, :, None] & 15).reshape(-1, q.shape[1])
        zeros = (tensors[base + ".qzeros"][:, :, None] >> shifts & 15).reshape(
            tensors[base + ".qzeros"].shape[0], -1
        ) + 1
        groups = tensors[base + ".g_idx"].long()
        w = tensors[base + ".scales"].float()[groups] * (codes - zeros[groups])
        worst = max(worst, (w.T - plain[base]).abs().max().item())
    return worst


def awq(path, plain):
    """The same of AutoAWQ's layout: eight outputs in a word, in this order from its lowest bits."""
    order = [0, 2, 4, 6, 1, 3, 5, 7]
    tensors = {}
    for file in glob.glob(path + "/*.safetensors"):
        tensors.update(load_file(file))

    def unpacked(words):
        found = torch.empty(*words.shape, 8, dtype=torch.int32)
        for nibble, output in enumerate(order):
            found[:, :, output] = words >> 4 * nibble & 15
        return found.reshape(words.shape[0], -1)

    worst = 0.0
    for name, words in tensors.items():
        if not name.endswith(".qweight"):
            continue
        base = name[: -len(".qweight")]
        scales = tensors[base + ".scales"]
        assert scales.dtype == torch.float16
        width = words.shape[0] // scales.shape[0]
        origins = unpacked(tensors[base + ".qzeros"]).repeat_interleave(width, 0)
        w = (unpacked(words) - origins) * scales.float().repeat_interleave(width, 0)
        worst = max(worst, (w.T - plain[base]).abs().max().item())
    return worst


config = json.load(open(sys.argv[2] + "/config.json"))
plain = opened(sys.argv[1])
ids = torch.tensor([json.loads(sys.argv[3])])
with torch.no_grad():
    expected = plain(ids).logits
result = {}
method = config.get("quantization_config", {}).get("quant_method")
if method in ("gptq", "awq"):
    result["weights"] = {"gptq": gptq, "awq": awq}[method](sys.argv[2], weights(plain))
else:
    model = opened(sys.argv[2])
    with torch.no_grad():
        logits = model(ids).logits
    result["logits"] = ((logits - expected).abs().max() / expected.abs().max()).item()
    own = weights(plain)
    found = weights(model)
    assert found.keys() == own.keys()
    result["weights"] = max((w - own[name]).abs().max().item() for name, w in found.items())
    if len(sys.argv) > 4:
        Path(sys.argv[4]).write_text(json.dumps(logits[0].tolist()))
print(json.dumps(result))
