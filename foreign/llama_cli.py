"""Stands in for llama.cpp's llama-cli, which no package holds: llama_cli.py -m MODEL.gguf [OPTION]... -p PROMPT

Of llama-cli's other options those are read that are written here. Prints the answer.
"""
import argparse

from llama_server import ask, serve

parser = argparse.ArgumentParser()
parser.add_argument("-m", required=True)
parser.add_argument("-p", required=True)
parser.add_argument("--single-turn", action="store_true", required=True)
parser.add_argument("--temp", type=float, default=0.8)
options = parser.parse_args()
answer = ask(
    serve(options.m, 512),
    "v1/chat/completions",
    messages=[{"role": "user", "content": options.p}],
    temperature=options.temp,
    max_tokens=64,
)
print(answer["choices"][0]["message"]["content"])
