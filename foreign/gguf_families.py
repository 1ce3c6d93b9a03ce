"""What llama.cpp makes of small GGUF models: gguf_families.py FOLDER OUT NAME ...

For each NAME reads FOLDER/NAME.gguf, and lists of token ids in OUT/NAME.prompts.json. Writes OUT/NAME.json: for
each list of ids the logarithms of the probabilities of all tokens that may follow. Where llama.cpp does not run
the model, there is no such file, and OUT/NAME.log says why: each is run in a process of its own.
"""
import json
import subprocess
import sys
from pathlib import Path

from llama_server import logprobs, serve

folder, out, names = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
if len(names) == 1:
    server = serve(folder / f"{names[0]}.gguf", 64)
    prompts = json.loads((out / f"{names[0]}.prompts.json").read_text())
    found = [logprobs(server, prompt, 64) for prompt in prompts]
    (out / f"{names[0]}.json").write_text(json.dumps(found))
else:
    for name in names:
        with open(out / f"{name}.log", "wb") as log:
            line = [sys.executable, __file__, str(folder), str(out), name]
            subprocess.run(line, stdout=log, stderr=log)
