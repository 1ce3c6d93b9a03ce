"""What transformers makes of a GGUF model: gguf_transformers.py MODEL.gguf OUT [TEXT WINDOW FIRST COUNT]

Reads OUT/prompts.json, a list of lists of token ids. Writes OUT/logits.json, the logits of all tokens that may
follow each of them. With a TEXT it writes OUT/windows.json instead: the text is tokenized once, one BOS before it
where the model has one, and cut into windows of so many tokens; of COUNT windows from the FIRST on the means over
all labels but the first. Weights are decoded to single precision, and computed with in it.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

file, out = Path(sys.argv[1]), Path(sys.argv[2])
place = dict(pretrained_model_name_or_path=str(file.parent), gguf_file=file.name)
model = AutoModelForCausalLM.from_pretrained(**place, dtype=torch.float32, attn_implementation="eager").eval()


def logits(ids):
    with torch.no_grad():
        return model(input_ids=torch.tensor([ids]), use_cache=False).logits[0].double()


if len(sys.argv) == 3:
    prompts = json.loads((out / "prompts.json").read_text())
    (out / "logits.json").write_text(json.dumps([logits(prompt)[-1].tolist() for prompt in prompts]))
else:
    window, first, count = map(int, sys.argv[4:])
    tokenizer = AutoTokenizer.from_pretrained(**place)
    ids = tokenizer(Path(sys.argv[3]).read_text("utf-8"), add_special_tokens=False)["input_ids"]
    if tokenizer.bos_token_id is not None:
        ids = [tokenizer.bos_token_id, *ids]
    means = []
    for begin in range(first * window, (first + count) * window, window):
        own = torch.tensor(ids[begin : begin + window])
        scores = logits(own.tolist())[:-1]
        chosen = scores.gather(1, own[1:, None])[:, 0]
        means.append((torch.logsumexp(scores, dim=-1) - chosen).mean().item())
    (out / "windows.json").write_text(json.dumps(means))
