"""What vLLM computes of an exported checkpoint: vllm_logprobs.py MODEL TYPE OUT

Reads OUT/prompts.json, a list of lists of token ids, and opens the folder MODEL with activations of
TYPE, on processors and without a network. Writes OUT/logprobs.json: for each prompt the logarithm of
the probability of every token behind the first, given those before it.
"""
import json
import os
import sys
from pathlib import Path

os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
}

from vllm import LLM, SamplingParams  # the variables above are read as it is imported

model, dtype, out = sys.argv[1], sys.argv[2], Path(sys.argv[3])
prompts = json.loads((out / "prompts.json").read_text())
engine = LLM(
    model=model,
    dtype=dtype,
    max_model_len=256,
    max_num_seqs=4,
    enforce_eager=True,
    enable_prefix_caching=False,
)
answers = engine.generate(
    [{"prompt_token_ids": prompt} for prompt in prompts],
    SamplingParams(temperature=0, max_tokens=1, prompt_logprobs=0),
)
found = [
    [given[token].logprob for token, given in zip(prompt[1:], answer.prompt_logprobs[1:])]
    for prompt, answer in zip(prompts, answers)
]
(out / "logprobs.json").write_text(json.dumps(found))
