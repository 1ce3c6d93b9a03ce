"""Makes a tiny random checkpoint of every model family, and its logits, with transformers.

    python3 -m venv target/golden && target/golden/bin/pip install -r foreign/requirements-golden.txt
    target/golden/bin/python foreign/golden/make.py [FOLDER ...]

Each folder below jobs/src/test/resources/golden holds

    config.json           with the keys that published checkpoints of the family have
    config-v5.json        the same configuration as transformers 5 writes it
    model.safetensors     F32, under the names and in the layout of published checkpoints
    golden.safetensors    ids.0, ids.1 (I64) and logits.0, logits.1 (F32 [tokens, vocabulary]); computed in float64,
                          with eager attention; where the family's code casts to float32, that much is lost

and greedy.json, which greedy.py makes afterwards. The same versions give the same bytes again. The table of families is in
entry.py and the files that it serves; TRAITS.md says what each folder shows, and what each family computes.
"""

import json
import os
import shutil
import sys
import tempfile
import zlib
from pathlib import Path

os.environ["TORCHDYNAMO_DISABLE"] = "1"  # what would be compiled computes the same without

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText
from transformers.utils import logging

import dense, gemma, hybrids, mixtures, quantized  # noqa: E401, F401: each adds its entries
from entry import FAMILIES

GOLDEN = Path(__file__).parents[2] / "jobs/src/test/resources/golden"
LENGTHS = (24, 11)  # both longer than every window; the original context of longrope lies between them
LIMIT = 61_440  # bytes of a folder
# The model computes the same in both precisions: no two experts are so near that rounding would choose.
TOLERANCE = 1e-4
MATTERS = 5e-3  # what a trait moves the logits by, at least


def random_of(folder, name):
    """A generator of its own for each tensor, so that no order of tensors matters; its stream is frozen by numpy."""
    return np.random.RandomState(zlib.crc32(f"{folder}/{name}".encode()))


def values(folder, name, like):
    """Random values that make every tensor matter: gains around one, biases that are not zero, matrices that keep scale."""
    normal = random_of(folder, name).standard_normal(tuple(like.shape))
    leaf = name.rsplit(".", 1)[-1]
    if leaf == "A_log":
        drawn = np.log(random_of(folder, name).uniform(0.5, 4.0, tuple(like.shape)))
    elif leaf == "dt_bias":
        drawn = 0.5 * normal - 0.5
    elif "act_fn" in name and leaf in ("beta", "eps"):
        return like
    elif leaf == "sinks":
        drawn = normal
    elif leaf == "layer_scalar":
        drawn = 0.8 + 0.1 * normal
    elif leaf in ("e_score_correction_bias", "expert_bias"):
        drawn = 0.1 * normal
    elif like.ndim == 0 or "norm" in name or "scale" in leaf or like.ndim == 1 and leaf == "weight":
        # Families differ in whether a gain is w or 1 + w: the value that the model starts with tells.
        drawn = float(like.double().mean().round()) + 0.25 * normal
    elif like.ndim == 1 or leaf.endswith("bias"):
        drawn = 0.3 * normal
    elif "embed" in name and leaf == "weight":
        drawn = 0.7 * normal
    else:
        gain = 2.0 if any(part in name for part in ("q_proj", "k_proj", "lm_head", "gate.weight", "router")) else 1.2
        fan_in = like.shape[-2] if "gpt_oss" in folder and "experts" in name else like.shape[-1]
        drawn = gain / np.sqrt(fan_in) * normal
    return torch.from_numpy(drawn.astype(np.float32))


def logits_of(model, ids):
    with torch.no_grad():
        return [model(input_ids=row[None], use_cache=False).logits[0] for row in ids]


# As the papers have it, without fused kernels, which have no float64.
EAGER = dict(dtype=torch.float32, attn_implementation="eager", experts_implementation="eager")


def kind(config):
    sees = config.architectures[0].endswith("ForConditionalGeneration")
    return AutoModelForImageTextToText if sees else AutoModelForCausalLM


def load(directory, unread):
    config = AutoConfig.from_pretrained(directory)
    model, info = kind(config).from_pretrained(directory, output_loading_info=True, **EAGER)
    for problem in ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs"):
        left = [key for key in info.get(problem, ()) if not any(part in key for part in unread)]
        assert not left, f"{directory}: {problem}: {left}"
    return model.eval()


def differs(model, ids, before):
    return max(float((a - b).abs().max()) for a, b in zip(logits_of(model, ids), before))


def check_tensors(folder, family, model, ids, before):
    """Every tensor, and every expert of it, moves the logits: a reader that leaves one out is found."""
    for name, tensor in model.state_dict().items():
        if any(part in name for part in family["rest"]):
            continue
        for part in tensor if tensor.ndim == 3 and "experts" in name else [tensor]:
            kept = part.clone()
            part.add_(torch.from_numpy(0.3 * random_of(folder, "").standard_normal(tuple(part.shape))))
            moved = differs(model, ids, before)
            part.copy_(kept)
            assert moved > MATTERS, f"{folder}: {name} moves the logits by {moved} only"


def check_keys(directory, family, ids, before):
    """So does every key that TRAITS.md says to decide something."""
    for key, other in family["matters"].items():
        with tempfile.TemporaryDirectory() as changed:
            shutil.copy(directory / "model.safetensors", changed)
            config = json.loads((directory / "config.json").read_text())
            inner = config.get("text_config", config)
            assert key in inner, f"{directory.name}: no key {key}"
            inner[key] = other
            (Path(changed) / "config.json").write_text(json.dumps(config))
            moved = differs(load(changed, family["rest"]), ids, before)
            assert moved > MATTERS, f"{directory.name}: {key} = {other} moves the logits by {moved} only"


def make(folder, family):
    directory = GOLDEN / folder
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    (directory / "config.json").write_text(json.dumps(family["config"], indent=2) + "\n")
    config = AutoConfig.from_pretrained(directory)
    torch.manual_seed(0)
    model = kind(config).from_config(config, **EAGER).eval()
    tied = {id(model.get_input_embeddings().weight)}
    state = model.state_dict()
    for name, tensor in sorted(state.items()):
        if name == "lm_head.weight" and id(model.get_output_embeddings().weight) in tied:
            continue
        tensor.copy_(values(folder, name, tensor))
    with tempfile.TemporaryDirectory() as saved:
        model.save_pretrained(saved)  # under the names of the hub: what was fused in memory is taken apart again
        tensors = load_file(Path(saved) / "model.safetensors")
        saved_config = json.loads((Path(saved) / "config.json").read_text())
    tensors = family["publish"](tensors)
    for name in family["names"]:
        assert name in tensors, f"{folder}: {name} is not among {sorted(tensors)}"
    save_file(dict(sorted(tensors.items())), directory / "model.safetensors", metadata={"format": "pt"})
    (directory / "config-v5.json").write_text(json.dumps(saved_config, indent=2, sort_keys=True) + "\n")

    vocabulary = config.get_text_config().vocab_size
    ids = [torch.from_numpy(random_of(folder, f"ids.{n}").randint(3, vocabulary, n)) for n in LENGTHS]
    made = logits_of(model, ids)
    read = load(directory, family["rest"])
    single = logits_of(read, ids)
    double = logits_of(load(directory, family["rest"]).double(), ids)
    with tempfile.TemporaryDirectory() as other:
        shutil.copy(directory / "model.safetensors", other)
        shutil.copy(directory / "config-v5.json", Path(other) / "config.json")
        newer = logits_of(load(other, family["rest"]), ids)
    for m, s, n, d in zip(made, single, newer, double):
        assert family["quantized"] or torch.equal(m, s), f"{folder}: read back, the model differs"
        assert torch.equal(s, n), f"{folder}: config-v5.json means another model"
        assert torch.isfinite(d).all(), f"{folder}: not finite"
        assert (s - d).abs().max() < TOLERANCE, f"{folder}: float32 is {(s - d).abs().max()} from float64"
        assert 1 < d.max() - d.min() < 60, f"{folder}: logits from {d.min()} to {d.max()}"
    check_tensors(folder, family, read, ids, single)
    check_keys(directory, family, ids, single)
    golden = {f"ids.{i}": row for i, row in enumerate(ids)}
    golden |= {f"logits.{i}": row.float().contiguous() for i, row in enumerate(double)}
    save_file(golden, directory / "golden.safetensors")
    size = sum(file.stat().st_size for file in directory.iterdir())
    assert size <= LIMIT, f"{folder}: {size} bytes"
    error = max(float((s - d).abs().max()) for s, d in zip(single, double))
    print(
        f"{folder:20} {size:6} bytes  logits {double[0].min():6.2f} to {double[0].max():5.2f}  float32 error {error:.1e}"
    )


if __name__ == "__main__":
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    wanted = sys.argv[1:] or FAMILIES
    for folder in wanted:
        make(folder, FAMILIES[folder])
