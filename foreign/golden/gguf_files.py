"""GGUF files of tiny random models, made by llama.cpp's own converter, and their logits by transformers.

    python3 -m venv target/golden && target/golden/bin/pip install -r foreign/requirements-golden.txt gguf==0.19.0
    target/golden/bin/pip download --no-deps --no-binary :all: llama-cpp-python==0.3.36
    tar xzf llama_cpp_python-0.3.36.tar.gz
    target/golden/bin/python foreign/golden/gguf_files.py llama_cpp_python-0.3.36/vendor/llama.cpp [NAME ...]

Each NAME below jobs/src/test/resources/gguf is a model of one of the entries that make.py knows, in a few of
which keys are others: what a file of GGUF does not carry must not matter. Beside NAME.gguf, of F32 but for what
is published in blocks, stands NAME.safetensors with ids.0, ids.1 (I64) and logits.0, logits.1 (F32), computed in
float64. What is not made by transformers is a vocabulary, of which no tokenizer is known.
"""

import json
import logging
import sys
import tempfile
from pathlib import Path

LLAMA_CPP = Path(sys.argv[1])
sys.path.insert(0, str(LLAMA_CPP))
sys.path.insert(0, str(LLAMA_CPP / "gguf-py"))

import gguf
import torch
from conversion import get_model_class
from conversion.base import ModelBase, ModelType, get_model_architecture
from make import EAGER, LENGTHS, TOLERANCE, kind, load, logits_of, random_of, values
from safetensors.torch import load_file, save_file
from transformers import AutoConfig
from transformers.utils import logging as transformers_logging

from entry import FAMILIES

OUT = Path(__file__).parents[2] / "jobs/src/test/resources/gguf"
LIMIT = 100_000

# The entry, and keys that are others than there.
MODELS = {
    "llama-bias": ("llama-bias", {}),
    "llama-rope": ("llama-rope", {}),
    "mistral": ("mistral", {"sliding_window": None}),
    "mixtral": ("mixtral", {"sliding_window": None}),
    "ministral3": ("ministral3", {}),
    "granite": ("granite", {}),
    "granitemoe": ("granitemoe", {}),
    "smollm3": ("smollm3", {"num_hidden_layers": 4, "layer_types": ["full_attention"] * 4, "no_rope_layers": [1, 1, 1, 0]}),
    "arcee": ("arcee", {}),
    "qwen2": ("qwen2", {"use_sliding_window": False}),
    "qwen3": ("qwen3", {}),
    "qwen3_moe": ("qwen3_moe", {"mlp_only_layers": [], "decoder_sparse_step": 1, "norm_topk_prob": True}),
    "qwen3_next": ("qwen3_next", {"linear_value_head_dim": 4, "mlp_only_layers": []}),
    "qwen3_5": ("qwen3_5", {"linear_value_head_dim": 4}),
    "qwen3_5-predicting": ("qwen3_5", {}),
    "qwen3_5_moe": ("qwen3_5_moe", {"linear_value_head_dim": 4}),
    "seed_oss": ("seed_oss", {}),
    "hunyuan": ("hunyuan_v1_dense", {"rope_scaling": None}),
    "bitnet": ("bitnet", {"hidden_act": "silu"}),
    "phi3": ("phi3", {}),
    "phi3-longrope": ("phi3-longrope", {}),
    "gemma2": ("gemma2", {"query_pre_attn_scalar": 8}),
    "gemma3": ("gemma3_text", {"query_pre_attn_scalar": 8, "num_hidden_layers": 6, "sliding_window_pattern": 6, "rope_local_base_freq": 10000.0}),
    "olmo2": ("olmo2", {}),
    "olmo3": ("olmo3", {}),
    "exaone4": ("exaone4", {}),
    "exaone4-full": ("exaone4", {"sliding_window": None, "layer_types": ["full_attention"] * 2}),
    "glm4": ("glm4", {}),
    "cohere": ("cohere", {}),
    "cohere-plain": ("cohere", {"use_qk_norm": False}),
    "cohere2": ("cohere2", {"num_hidden_layers": 4, "sliding_window_pattern": 4}),
    "apertus": ("apertus", {}),
    "gpt_oss": ("gpt_oss", {"swiglu_limit": 7.0}),
    "gpt_oss-unscaled": ("gpt_oss", {"swiglu_limit": 7.0, "rope_scaling": {"rope_type": "default"}}),
    "gpt_oss-mxfp4": ("gpt_oss-mxfp4", {}),
    "minimax_m2": ("minimax_m2", {}),
    "ernie4_5_moe": ("ernie4_5_moe", {}),
    "glm4_moe": ("glm4_moe", {}),
    "deepseek_v3": ("deepseek_v3", {("rope_scaling", "mscale"): 0.7}),
    "deepseek_v3-plain": ("deepseek_v3-plain", {"rope_interleave": True}),
    "glm4_moe_lite": ("glm4_moe_lite", {"mlp_layer_types": ["dense", "sparse", "sparse"], "first_k_dense_replace": 1, "scoring_func": "sigmoid"}),
}  # fmt: skip


def vocabulary(model):
    """As many tokens as there are rows: llama.cpp runs no model without."""
    size = model.find_hparam(["vocab_size"])
    out = model.gguf_writer
    out.add_tokenizer_model("llama")
    out.add_tokenizer_pre("default")
    out.add_token_list([b"<unk>", b"<s>", b"</s>"] + [b"t%d" % i for i in range(3, size)])
    out.add_token_scores([0.0] * size)
    out.add_token_types([2, 3, 3] + [1] * (size - 3))
    for name in ("bos", "eos"):
        getattr(out, f"add_{name}_token_id")(1 + (name == "eos"))


def configuration(folder, changes):
    config = json.loads(json.dumps(FAMILIES[folder]["config"]))
    inner = config.get("text_config", config)
    for key, value in changes.items():
        if isinstance(key, tuple):
            inner[key[0]][key[1]] = value
        elif value is None and key not in ("sliding_window", "rope_scaling"):
            inner.pop(key, None)
        else:
            inner[key] = value
    return config


def build(name, folder, config, directory):
    """A random model in the layout of the hub, and what is computed by it."""
    family = FAMILIES[folder]
    (directory / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    read = AutoConfig.from_pretrained(directory)
    torch.manual_seed(0)
    model = kind(read).from_config(read, **EAGER).eval()
    tied = model.get_output_embeddings().weight is model.get_input_embeddings().weight
    for tensor_name, tensor in sorted(model.state_dict().items()):
        if not (tied and tensor_name == "lm_head.weight"):
            tensor.copy_(values(folder, tensor_name, tensor))
    with tempfile.TemporaryDirectory() as saved:
        model.save_pretrained(saved)
        tensors = family["publish"](load_file(Path(saved) / "model.safetensors"))
    save_file(dict(sorted(tensors.items())), directory / "model.safetensors", metadata={"format": "pt"})
    size = read.get_text_config().vocab_size
    ids = [torch.from_numpy(random_of(name, f"ids.{n}").randint(3, size, n)) for n in LENGTHS]
    single = logits_of(load(directory, family["rest"]), ids)
    double = logits_of(load(directory, family["rest"]).double(), ids)
    for s, d in zip(single, double):
        assert (s - d).abs().max() < TOLERANCE, f"{name}: float32 is {(s - d).abs().max()} from float64"
    golden = {f"ids.{i}": row for i, row in enumerate(ids)}
    return golden | {f"logits.{i}": row.float().contiguous() for i, row in enumerate(double)}


def rename(tensors):
    """The names that the converter knows the inner norms of BitNet by."""
    names = {"self_attn.attn_sub_norm": "self_attn.inner_attn_ln", "mlp.ffn_sub_norm": "mlp.ffn_layernorm"}
    for old, new in names.items():
        tensors = {key.replace(old, new): value for key, value in tensors.items()}
    return tensors


def convert(directory, out):
    """Without the tensors that predict further tokens, unless the name of the file says so."""
    size = json.loads((directory / "config.json").read_text())
    size = size.get("text_config", size)["vocab_size"]
    tokenizer = {"model": {"vocab": {str(i): i for i in range(size)}}, "added_tokens": []}
    (directory / "tokenizer.json").write_text(json.dumps(tokenizer))
    architecture = get_model_architecture(ModelBase.load_hparams(directory, False), ModelType.TEXT)
    converter = get_model_class(architecture)
    converter.set_vocab = vocabulary
    converter.no_mtp = not out.stem.endswith("-predicting")
    if architecture == "BitNetForCausalLM":
        converter.weight_quant = lambda self, weight: weight
        file = directory / "model.safetensors"
        save_file(rename(load_file(file)), file, metadata={"format": "pt"})
    converter(directory, gguf.LlamaFileType.ALL_F32, out, eager=True, model_name="tiny").write()


def make(name):
    folder, changes = MODELS[name]
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        golden = build(name, folder, configuration(folder, changes), work)
        convert(work, OUT / f"{name}.gguf")
    save_file(golden, OUT / f"{name}.safetensors")
    size = (OUT / f"{name}.gguf").stat().st_size
    assert size <= LIMIT, f"{name}: {size} bytes"
    print(f"{name:20} {size:6} bytes")


if __name__ == "__main__":
    logging.disable(logging.INFO)
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    OUT.mkdir(parents=True, exist_ok=True)
    with torch.inference_mode(False):
        for each in sys.argv[2:] or MODELS:
            with torch.no_grad():
                make(each)
