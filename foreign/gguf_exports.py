"""What gguf and llama.cpp make of exports of a run: gguf_exports.py OUT WINDOW COUNT

OUT has f32.gguf and f16.gguf, all weights in this type; auto.gguf, with the smallest types that hold them; and this
in parts, in OUT/parts. Reads OUT/prompts.json, a list of lists of token ids, OUT/texts.json, a list of texts, and
OUT/text.txt. Writes OUT/found.json: the type of each tensor of auto.gguf; the largest difference of its weights from
those of f32.gguf, as llama.cpp decodes them, and as the package gguf does where it knows all the types; the same of
f16.gguf, but for rounding; what keys differ; for all the files the logarithms of the probabilities of all tokens
that may follow each prompt; the ids of the texts; and, of COUNT windows of the text, perplexities.
"""
import json
import sys
from pathlib import Path

import numpy as np
from gguf import GGUFReader, dequantize

from llama_library import Model, tensors

out, window, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
FILES = {name: out / f"{name}.gguf" for name in ("f32", "f16", "auto")}
FILES["parts"] = min((out / "parts").glob("*.gguf"))


def largest(one, other):
    return {name: float(np.abs(one[name] - other[name]).max()) for name in one if name in other}


def keys(reader):
    return {name: field.contents() for name, field in reader.fields.items() if not name.startswith("GGUF.")}


def packaged(path):
    """What the package makes of a file, or nothing where it does not know a type."""
    try:
        return GGUFReader(path)
    except ValueError:
        return None


stored = {name: tensors(FILES[name]) for name in ("f32", "f16", "auto")}
kinds = {name: kind for name, (kind, _) in stored["auto"].items()}
exact, half, typed = [{name: weights for name, (_, weights) in own.items()} for own in stored.values()]
found = {
    "types": kinds,
    "missing": sorted(exact.keys() ^ typed.keys() | exact.keys() ^ half.keys()),
    "differences": largest(exact, typed),
    "halves": largest({name: own.astype(np.float16).astype(np.float32) for name, own in exact.items()}, half),
}
reader = packaged(FILES["auto"])
found["packaged"] = reader is not None
if reader is not None:
    own = {t.name: dequantize(t.data, t.tensor_type).astype(np.float32).ravel() for t in reader.tensors}
    found["others"] = largest(exact, own)
    before, after = keys(GGUFReader(FILES["f32"])), keys(reader)
    found["keys"] = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
prompts = json.loads((out / "prompts.json").read_text())
texts = json.loads((out / "texts.json").read_text("utf-8"))
text = (out / "text.txt").read_text("utf-8")
found["perplexity"] = {}
for name, path in FILES.items():
    with Model(path, 512) as model:
        found[name] = [model.logprobs(prompt)[-1].tolist() for prompt in prompts]
        if count and name != "parts":
            found["perplexity"][name] = model.perplexity(text, window, count)
        found["ids"] = [model.ids(text, False) for text in texts]
(out / "found.json").write_text(json.dumps(found))
