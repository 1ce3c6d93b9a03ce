"""What gguf and llama.cpp make of two exports of a run: gguf_exports.py EXACT.gguf TYPED.gguf OUT

EXACT has all weights in single precision. Reads OUT/prompts.json, a list of lists of token ids, and
OUT/texts.json, a list of texts. Writes OUT/found.json: the type of each tensor of TYPED, the largest
difference of its weights from those of EXACT, what keys differ, and for both files the logarithms of
the probabilities of all tokens that may follow each prompt; and the ids of the texts.
"""
import json
import sys
from pathlib import Path

import numpy as np
from gguf import GGUFReader, dequantize

from llama_server import ask, logprobs, serve

exact, typed, out = sys.argv[1], sys.argv[2], Path(sys.argv[3])


def weights(tensor):
    return dequantize(tensor.data, tensor.tensor_type).astype(np.float32)


def keys(reader):
    return {name: field.contents() for name, field in reader.fields.items() if not name.startswith("GGUF.")}


readers = GGUFReader(exact), GGUFReader(typed)
tensors = [{tensor.name: tensor for tensor in reader.tensors} for reader in readers]
found = {
    "types": {name: tensor.tensor_type.name for name, tensor in tensors[1].items()},
    "missing": sorted(set(tensors[0]) ^ set(tensors[1])),
    "differences": {
        name: float(np.abs(weights(tensors[0][name]) - weights(tensor)).max())
        for name, tensor in tensors[1].items()
        if name in tensors[0]
    },
}
before, after = map(keys, readers)
found["keys"] = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
prompts = json.loads((out / "prompts.json").read_text())
texts = json.loads((out / "texts.json").read_text("utf-8"))
vocabulary = len(before["tokenizer.ggml.tokens"])
for name, path in (("exact", exact), ("typed", typed)):
    server = serve(path, 512)
    found[name] = [logprobs(server, prompt, vocabulary) for prompt in prompts]
found["ids"] = [
    ask(server, "tokenize", content=text, add_special=False, parse_special=False)["tokens"] for text in texts
]
(out / "found.json").write_text(json.dumps(found))
