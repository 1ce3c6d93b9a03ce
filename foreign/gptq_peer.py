"""Quantizes a checkpoint with GPTQ as other people wrote it, and decodes what comes out.

gptq_peer.py MODEL TEXTS SAMPLES LENGTH GROUP OUTPUT: symmetric integers of 4 bits, learned from the
first windows of a data set's texts, or of one text file without marks between texts; OUTPUT/packed is what the program saves, OUTPUT/plain the same with plain
weights in single precision. Prints, as JSON, the seconds and the processor's seconds of learning.
"""

import glob
import json
import os
import shutil
import sys
import time

os.environ["TORCHDYNAMO_DISABLE"] = "1"

os.cpu_count = lambda: 4  # fewer than three processors leave its loader without workers

import torch
from datasets import load_from_disk
from gptqmodel import GPTQModel, QuantizeConfig
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

source, texts, samples, length, group, output = sys.argv[1:]
samples, length, group = int(samples), int(length), int(group)


def decoded(tensors, base):
    shifts = torch.arange(0, 32, 4)
    q, z = tensors[base + ".qweight"], tensors[base + ".qzeros"]
    codes = (q[:, None, :] >> shifts[None, :, None] & 15).reshape(-1, q.shape[1])
    zeros = (z[:, :, None] >> shifts & 15).reshape(z.shape[0], -1) + 1
    groups = tensors[base + ".g_idx"].long()
    return (tensors[base + ".scales"].float()[groups] * (codes - zeros[groups])).T.contiguous()


tokenizer = AutoTokenizer.from_pretrained(source)
ids = []
if os.path.isfile(texts):
    ids = tokenizer(open(texts).read(), add_special_tokens=False)["input_ids"]
else:
    for text in load_from_disk(texts)["text"]:
        ids += [tokenizer.bos_token_id] + tokenizer(text, add_special_tokens=False)["input_ids"]
windows = [ids[i * length : (i + 1) * length] for i in range(samples)]
assert len(windows[-1]) == length
data = [{"input_ids": w, "attention_mask": [1] * length} for w in windows]

start, cpu = time.time(), time.process_time()
model = GPTQModel.load(
    source, QuantizeConfig(bits=4, group_size=group, sym=True, desc_act=False), device="cpu"
)
model.quantize(data, batch_size=16)
seconds, cpu = time.time() - start, time.process_time() - cpu
model.save(output + "/packed")

tensors = {}
for file in glob.glob(output + "/packed/*.safetensors"):
    tensors.update(load_file(file))
plain = {}
for file in glob.glob(source + "/*.safetensors"):
    for name, tensor in load_file(file).items():
        base = name.removesuffix(".weight")
        packed = base + ".qweight" in tensors
        plain[name] = decoded(tensors, base) if packed else tensor.float()
os.makedirs(output + "/plain")
save_file(plain, output + "/plain/model.safetensors", metadata={"format": "pt"})
config = json.load(open(source + "/config.json"))
config["torch_dtype"] = "float32"
json.dump(config, open(output + "/plain/config.json", "w"))
for name in ("tokenizer.json", "tokenizer_config.json"):
    shutil.copy(source + "/" + name, output + "/plain")
changed = sum(base.endswith(".qweight") for base in tensors)
print(json.dumps({"seconds": seconds, "processor": cpu, "matrices": changed}))
