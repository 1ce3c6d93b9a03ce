"""What llama.cpp makes of a GGUF model: gguf_model.py MODEL.gguf OUT

Reads OUT/texts.json, a list of texts, and OUT/prompts.json, a list of lists of token ids. Writes
OUT/ids.json, the ids of each text as plain text, and OUT/logprobs.json, for each prompt the
logarithms of the probabilities of all tokens that may follow, OUT/greedy.json, the 32 most likely
tokens after each, one after another, and OUT/chats.json, what the model's template makes of each
of OUT/turns.json, lists of messages. So that nothing but the arithmetic
of floats differs, the weights are first decoded to single precision, into OUT/f32.gguf.
"""
import json
import sys
from pathlib import Path

import numpy as np
from gguf import GGUFReader, GGUFValueType, GGUFWriter, dequantize

from llama_server import ask, logprobs, serve

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


decode(out / "f32.gguf")
server = serve(out / "f32.gguf", 512)
vocabulary = len(GGUFReader(source).fields["tokenizer.ggml.tokens"].contents())
texts = json.loads((out / "texts.json").read_text("utf-8"))
ids = [
    ask(server, "tokenize", content=text, add_special=False, parse_special=False)["tokens"]
    for text in texts
]
(out / "ids.json").write_text(json.dumps(ids))
prompts = json.loads((out / "prompts.json").read_text())
(out / "logprobs.json").write_text(json.dumps([logprobs(server, p, vocabulary) for p in prompts]))
texts = [
    ask(server, "completion", prompt=p, n_predict=32, temperature=0, cache_prompt=False, return_tokens=True)
    for p in prompts
]
(out / "greedy.json").write_text(json.dumps([text["tokens"] for text in texts]))
turns = json.loads((out / "turns.json").read_text("utf-8"))
chats = [ask(server, "apply-template", messages=messages)["prompt"] for messages in turns]
(out / "chats.json").write_text(json.dumps(chats))
