"""What transformers makes of an AWQ export with GPTQModel's products: awq_opened.py PLAIN EXPORTED IDS

Prints, as JSON, the kind of a linear module, and the largest difference of its logits from those of
a checkpoint of plain weights, relative to the largest.
"""

import json
import os
import sys

os.environ["TORCHDYNAMO_DISABLE"] = "1"

import torch
from transformers import AutoModelForCausalLM

ids = torch.tensor([json.loads(sys.argv[3])])


def opened(path, **more):
    return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, **more).eval()


with torch.no_grad():
    expected = opened(sys.argv[1])(ids).logits
    model = opened(sys.argv[2], device_map="cpu")
    logits = model(ids).logits
difference = ((logits - expected).abs().max() / expected.abs().max()).item()
kind = type(model.model.layers[0].mlp.up_proj).__name__
print(json.dumps({"kind": kind, "logits": difference}))
