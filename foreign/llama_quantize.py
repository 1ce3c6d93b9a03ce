"""Quantizes a model with llama.cpp, weighted by an importance matrix: the peer of docs/results.md.

llama_quantize.py SOURCE.gguf FOLDER TEXT WINDOWS OUTPUT TYPE...: FOLDER is the same llama in the layout of the Hub.
The matrix, mean squared inputs of each linear module over windows of 512 tokens spread over TEXT, is what
llama-imatrix collects; the head's is given too. OUTPUT/source.gguf has the weights of SOURCE rounded to BF16, as the
folder has them, and OUTPUT/TYPE.gguf what llama_model_quantize makes of it (Q4_K_S, Q3_K_S, ...).

Needs what requirements-transformers.txt lists, and llama-cpp-python 0.3.36.
"""
import ctypes
import sys
from pathlib import Path

import gguf
import llama_cpp
import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

LENGTH = 512
MODULES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def stored_name(module):
    if module == "lm_head":
        return "output.weight"
    _, _, block, *last = module.split(".")
    return f"blk.{block}.{MODULES['.'.join(last)]}.weight"


def importance(folder, text, windows):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    sums, counts = {}, {}

    def listen(name):
        def add(_, inputs):
            x = inputs[0].reshape(-1, inputs[0].shape[-1])
            sums[name] = sums.get(name, 0) + (x.double() ** 2).sum(0).numpy()
            counts[name] = counts.get(name, 0) + x.shape[0]

        return add

    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear):
            module.register_forward_pre_hook(listen(stored_name(name)))
    ids = tokenizer(Path(text).read_text(), add_special_tokens=False)["input_ids"]
    first = np.linspace(0, len(ids) // LENGTH - 1, windows).astype(int) * LENGTH
    with torch.no_grad():
        for at in first:
            model(torch.tensor([ids[at : at + LENGTH]]))
    found = {name: (sums[name] / counts[name]).astype(np.float32) for name in sums}
    found["token_embd.weight"] = found["output.weight"]
    return found


def rounded(weights):
    bits = np.ascontiguousarray(weights, np.float32).view(np.uint32)
    bits = bits + 0x7FFF + (bits >> 16 & 1) & 0xFFFF0000
    return bits.astype(np.uint32).view(np.float32)


def write_source(source, path):
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(path, reader.fields["general.architecture"].contents())
    own = ("GGUF.", "general.architecture", "general.file_type", "general.quantization_version")
    for key, field in reader.fields.items():
        if key.startswith(own):
            continue
        if field.types[0] == gguf.GGUFValueType.ARRAY:
            writer.add_array(key, field.contents())
        else:
            writer.add_key_value(key, field.contents(), field.types[0])
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, rounded(gguf.dequantize(tensor.data, tensor.tensor_type)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


source, folder, text, windows, output, *types = sys.argv[1:]
output = Path(output)
output.mkdir(parents=True)
write_source(source, output / "source.gguf")
matrix = importance(folder, text, int(windows))
entries = (llama_cpp.llama_model_imatrix_data * (len(matrix) + 1))()
for entry, (name, values) in zip(entries, matrix.items()):
    entry.name, entry.size = name.encode(), values.size
    entry.data = values.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
for kind in types:
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = getattr(llama_cpp, "LLAMA_FTYPE_MOSTLY_" + kind)
    parameters.imatrix = entries
    made = output / f"{kind}.gguf"
    if llama_cpp.llama_model_quantize(bytes(output / "source.gguf"), bytes(made), ctypes.byref(parameters)) != 0:
        raise ValueError(f"llama.cpp does not make {made}")
    print(made, made.stat().st_size)
