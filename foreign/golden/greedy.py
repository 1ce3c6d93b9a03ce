"""Writes what transformers generates with the golden models: greedy.py [FOLDER ...]

Run as make.py, whose models it reads. Each folder gets a file

    greedy.json    [{"prompt": ids, "tokens": ids}, ..]: the prompts of golden.safetensors and the most likely tokens after
                   them, one after another, by generate() with its cache, in float64

and jobs/src/test/resources/generate/demo-6m.json the same of examples/demo-6m, for prompts that are texts, with the `text` that
its tokenizer makes of the tokens.

A text ends before the first token that is not clearly the most likely one: there the order of sums decides.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

import make
from entry import FAMILIES

TOKENS = 24
LEAST = 6  # a text that says something
MARGIN = 1e-3  # of the most likely logit above the next one
ROOT = Path(__file__).parents[2]
PROMPTS = ("Once upon a time", "The man said that", "\u00fcber caf\u00e9:", "</s>Tim and Sara", "  2 + 2 =\n")


def greedy(model, prompt, count):
    made = model.generate(
        input_ids=prompt[None],
        attention_mask=torch.ones_like(prompt)[None],
        max_new_tokens=count,
        do_sample=False,
        eos_token_id=None,
        pad_token_id=0,
        output_scores=True,
        return_dict_in_generate=True,
    )
    tokens = []
    for token, scores in zip(made.sequences[0, len(prompt) :].tolist(), made.scores):
        first, second = scores[0].topk(2).values.tolist()
        if first - second < MARGIN:
            break
        tokens.append(token)
    return tokens


def write(folder):
    directory = make.GOLDEN / folder
    model = make.load(directory, FAMILIES[folder]["rest"]).double()
    model.generation_config.eos_token_id = None
    golden = load_file(directory / "golden.safetensors")
    prompts = [golden[name] for name in ("ids.0", "ids.1")]
    texts = [{"prompt": prompt.tolist(), "tokens": greedy(model, prompt, TOKENS)} for prompt in prompts]
    shortest = min(len(text["tokens"]) for text in texts)
    (directory / "greedy.json").write_text(json.dumps(texts) + "\n")
    print(f"{folder:20} {shortest} tokens")
    return shortest


def write_demo():
    demo = ROOT / "examples/demo-6m"
    model = AutoModelForCausalLM.from_pretrained(demo, **make.EAGER).double().eval()
    model.generation_config.eos_token_id = None
    tokenizer = AutoTokenizer.from_pretrained(demo)
    texts = []
    for prompt in PROMPTS:
        ids = torch.tensor(tokenizer(prompt).input_ids)
        tokens = greedy(model, ids, 40)
        text = tokenizer.decode(tokens, skip_special_tokens=True)
        texts.append({"prompt": prompt, "prompt_tokens": ids.tolist(), "tokens": tokens, "text": text})
    out = ROOT / "jobs/src/test/resources/generate"
    out.mkdir(exist_ok=True)
    (out / "demo-6m.json").write_text(json.dumps(texts, indent=1) + "\n")
    print("demo-6m", [len(text["tokens"]) for text in texts])


if __name__ == "__main__":
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.set_num_threads(1)
    if not sys.argv[1:]:
        write_demo()
    short = [folder for folder in sys.argv[1:] or FAMILIES if write(folder) < LEAST]
    assert not short, f"no text of {LEAST} tokens: {short}"
