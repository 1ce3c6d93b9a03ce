"""What llama.cpp makes of a GGUF model: gguf_model.py MODEL.gguf OUT

Reads OUT/texts.json, a list of texts, and OUT/prompts.json, a list of lists of token ids. Writes
OUT/ids.json, the ids of each text as plain text, and OUT/logprobs.json, for each prompt the
logarithms of the probabilities of all tokens that may follow. So that nothing but the arithmetic
of floats differs, the weights are first decoded to single precision, into OUT/f32.gguf.
"""
import json
import sys
import urllib.request
from pathlib import Path

import numpy as np
import xllamacpp
from gguf import GGUFReader, GGUFValueType, GGUFWriter, dequantize

source, out = sys.argv[1], Path(sys.argv[2])


def decode(path):
    reader = GGUFReader(source)
    writer = GGUFWriter(str(path), reader.fields["general.architecture"].contents())
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name in ("general.architecture", "general.file_type"):
            continue
        kind = field.types[0]
        part = field.types[-1] if kind == GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), kind, part)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, dequantize(tensor.data, tensor.tensor_type).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def ask(server, what, **question):
    request = urllib.request.Request(
        f"{server.listening_address}/{what}",
        json.dumps(question).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def logprobs(server, prompt, vocabulary):
    answer = ask(
        server,
        "completion",
        prompt=prompt,
        n_predict=1,
        n_probs=vocabulary,
        temperature=0,
        cache_prompt=False,
    )
    top = answer["completion_probabilities"][0]["top_logprobs"]
    found = [None] * vocabulary
    for token in top:
        found[token["id"]] = token["logprob"]
    return found


decode(out / "f32.gguf")
params = xllamacpp.CommonParams()
params.model.path = str(out / "f32.gguf")
params.n_ctx = 512
params.n_parallel = 1
params.cpuparams.n_threads = 2
params.warmup = False
params.cache_type_k = xllamacpp.ggml_type.GGML_TYPE_F32
params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
server = xllamacpp.Server(params)
vocabulary = len(GGUFReader(source).fields["tokenizer.ggml.tokens"].contents())
texts = json.loads((out / "texts.json").read_text("utf-8"))
ids = [
    ask(server, "tokenize", content=text, add_special=False, parse_special=False)["tokens"]
    for text in texts
]
(out / "ids.json").write_text(json.dumps(ids))
prompts = json.loads((out / "prompts.json").read_text())
(out / "logprobs.json").write_text(json.dumps([logprobs(server, p, vocabulary) for p in prompts]))
