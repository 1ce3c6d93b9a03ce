"""Blocks of quantized weights and what the package gguf makes of them: gguf_blocks.py OUT [SEED COUNT]

Writes a file for each type: the bytes of all blocks, then their weights as little-endian floats.
Without a seed they are the golden files of the tests: few blocks, with scales of every kind.
"""
import sys
from pathlib import Path

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, dequantize

# Where scales in half precision lie in a block.
HALVES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
    "IQ4_NL": [0], "IQ4_XS": [0], "TQ1_0": [52], "TQ2_0": [64], "MXFP4": [],
    "Q2_0": [0],
}
# One, a subnormal, the least and the largest number, no finite ones, and a zero with a sign.
SCALES = [1.0, 3e-6, 5.97e-8, -65504.0, np.inf, -np.inf, np.nan, -0.0]



def q2_0(blocks):
    """What ggml's dequantize_row_q2_0 makes of its type 42, which the package does not know."""
    codes = blocks[:, 2:, None] >> np.arange(0, 8, 2, dtype=np.uint8) & 3
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    return (codes.reshape(len(blocks), 64).astype(np.float32) - 1) * scales


def golden(random, halves, size):
    blocks = random.integers(0, 256, (len(SCALES) + 3, size), dtype=np.uint8)
    blocks[0] = 0
    for block, scale in zip(blocks[1:], SCALES):
        for at in halves:
            block[at : at + 2] = np.array([scale], np.float16).view(np.uint8)
    return blocks


out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
for name, halves in HALVES.items():
    kind = None if name == "Q2_0" else GGMLQuantizationType[name]
    size = 18 if name == "Q2_0" else GGML_QUANT_SIZES[kind][1]
    if len(sys.argv) > 2:
        random = np.random.default_rng(int(sys.argv[2]))
        blocks = random.integers(0, 256, (int(sys.argv[3]), size), dtype=np.uint8)
    else:
        blocks = golden(np.random.default_rng(1), halves, size)
    with np.errstate(all="ignore"):
        weights = q2_0(blocks) if name == "Q2_0" else dequantize(blocks, kind)
    (out / name).with_suffix(".bin").write_bytes(blocks.tobytes() + weights.astype("<f4").tobytes())
