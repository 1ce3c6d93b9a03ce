"""Asks a model the questions of a task, by lm-evaluation-harness.

harness.py MODEL FILE LIMIT: prints, as JSON, what that program has as results and samples of the
questions in a JSONL file. MODEL is a folder, or a GGUF file.
"""

import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"
os.environ["HF_DATASETS_CACHE"] = os.path.join(os.getcwd(), "cache")

import lm_eval  # noqa: E402

model, file, limit = sys.argv[1], os.path.abspath(sys.argv[2]), int(sys.argv[3])
name = os.path.basename(file).removesuffix(".jsonl")
where = {"pretrained": model}
if model.endswith(".gguf"):
    where = {"pretrained": os.path.dirname(model), "gguf_file": os.path.basename(model)}
task = {
    "task": name,
    "dataset_path": "json",
    "dataset_kwargs": {"data_files": {"test": file}},
    "test_split": "test",
    "output_type": "multiple_choice",
    "doc_to_text": "context",
    "doc_to_choice": "choices",
    "doc_to_target": "answer",
    "metric_list": [{"metric": "acc"}, {"metric": "acc_norm"}],
}
found = lm_eval.simple_evaluate(
    model="hf",
    model_args=where | {"dtype": "float32"},
    tasks=[task],
    batch_size=1,
    device="cpu",
    limit=limit,
)
print()
print(
    json.dumps(
        {
            "results": found["results"],
            "n-samples": found["n-samples"],
            "samples": [
                {
                    "doc_id": sample["doc_id"],
                    "filtered_resps": sample["filtered_resps"],
                    "acc": sample["acc"],
                    "acc_norm": sample["acc_norm"],
                }
                for sample in found["samples"][name]
            ],
        }
    )
)
