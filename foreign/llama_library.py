"""llama.cpp as a library in this process: what it decodes of files, and all logits of a text.

The package xllamacpp has a server alone, but its library exports llama.cpp's own functions. The parameters of a
context are those of the pinned version: where their defaults lie elsewhere, this says so.
"""
import ctypes
from ctypes import POINTER, byref, c_bool, c_char_p, c_float, c_int32, c_int64, c_size_t, c_void_p

import numpy as np
import xllamacpp.xllamacpp

LIBRARY = ctypes.CDLL(xllamacpp.xllamacpp.__file__)
F32, F16 = 0, 1
FLASH, OFF, AUTO = 13, 0, -1
KEYS, VALUES = 26, 27
BATCH = 2048


class Parameters(ctypes.Structure):
    """Of a model or a context, as words; longer than both, which does no harm to what is passed last."""

    _fields_ = [("words", c_int32 * 64)]


class Batch(ctypes.Structure):
    _fields_ = [("count", c_int32), ("parts", c_void_p * 6)]


class Traits(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("block", c_int64), ("interleaved", c_int64), ("bytes", c_size_t), ("quantized", c_bool), ("decode", c_void_p)]  # fmt: skip


class Header(ctypes.Structure):
    _fields_ = [("no_alloc", c_bool), ("context", c_void_p)]


def function(name, result, *arguments):
    found = getattr(LIBRARY, name)
    found.restype, found.argtypes = result, arguments
    return found


DECODE = ctypes.CFUNCTYPE(None, c_void_p, POINTER(c_float), c_int64)
log_set = function("llama_log_set", None, c_void_p, c_void_p)
model_defaults = function("llama_model_default_params", Parameters)
context_defaults = function("llama_context_default_params", Parameters)
load = function("llama_model_load_from_file", c_void_p, c_char_p, Parameters)
free_model = function("llama_model_free", None, c_void_p)
make_context = function("llama_init_from_model", c_void_p, c_void_p, Parameters)
free_context = function("llama_free", None, c_void_p)
vocabulary_of = function("llama_model_get_vocab", c_void_p, c_void_p)
count_of = function("llama_vocab_n_tokens", c_int32, c_void_p)
tokenize = function("llama_tokenize", c_int32, c_void_p, c_char_p, c_int32, POINTER(c_int32), c_int32, c_bool, c_bool)
memory_of = function("llama_get_memory", c_void_p, c_void_p)
clear = function("llama_memory_clear", None, c_void_p, c_bool)
batch_of = function("llama_batch_init", Batch, c_int32, c_int32, c_int32)
decode = function("llama_decode", c_int32, c_void_p, Batch)
logits_of = function("llama_get_logits", POINTER(c_float), c_void_p)
traits_of = function("ggml_get_type_traits", POINTER(Traits), c_int32)
open_header = function("gguf_init_from_file", c_void_p, c_char_p, Header)
tensors_of = function("gguf_get_n_tensors", c_int64, c_void_p)
name_of = function("gguf_get_tensor_name", c_char_p, c_void_p, c_int64)
type_of = function("gguf_get_tensor_type", c_int32, c_void_p, c_int64)
size_of = function("gguf_get_tensor_size", c_size_t, c_void_p, c_int64)
offset_of = function("gguf_get_tensor_offset", c_size_t, c_void_p, c_int64)
data_of = function("gguf_get_data_offset", c_size_t, c_void_p)
QUIET = ctypes.CFUNCTYPE(None, c_int32, c_char_p, c_void_p)(lambda level, text, data: None)
log_set(ctypes.cast(QUIET, c_void_p), None)


def tensors(path):
    """The name of each tensor of a file, with the name of its type and its decoded weights in a row."""
    header = open_header(str(path).encode(), Header(True, None))
    if not header:
        raise ValueError(f"{path} is no GGUF file")
    found = {}
    content = np.memmap(path, np.uint8, "r")
    for tensor in range(tensors_of(header)):
        traits = traits_of(type_of(header, tensor)).contents
        first = data_of(header) + offset_of(header, tensor)
        size = size_of(header, tensor)
        stored = np.array(content[first : first + size])
        kind = traits.name.decode().upper()
        if kind == "F32":
            weights = stored.view(np.float32)
        else:
            weights = np.empty(size // traits.bytes * traits.block, np.float32)
            target = weights.ctypes.data_as(POINTER(c_float))
            DECODE(traits.decode)(stored.ctypes.data, target, weights.size)
        found[name_of(header, tensor).decode()] = kind, weights
    return found


class Model:
    """A file that runs with keys and values in single precision, so that little but the order of sums differs."""

    def __init__(self, path, context):
        parameters = context_defaults()
        words = parameters.words
        if (words[FLASH], words[KEYS], words[VALUES]) != (AUTO, F16, F16):
            raise ValueError("this llama.cpp has its parameters elsewhere")
        words[0], words[1], words[2] = context, BATCH, BATCH
        words[7], words[8] = 1, 1  # more wait for one another at every step, while other tests run
        words[FLASH], words[KEYS], words[VALUES] = OFF, F32, F32
        self.model = load(str(path).encode(), model_defaults())
        if not self.model:
            raise ValueError(f"llama.cpp does not open {path}")
        self.context = make_context(self.model, parameters)
        if not self.context:
            raise ValueError(f"llama.cpp does not run {path}")
        self.vocabulary = vocabulary_of(self.model)
        self.tokens = count_of(self.vocabulary)

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        free_context(self.context)
        free_model(self.model)

    def ids(self, text, special):
        """Of a text in which nothing spells special tokens; those that belong in front of it on demand."""
        stored = text.encode()
        room = (c_int32 * (len(stored) + 8))()
        count = tokenize(self.vocabulary, stored, len(stored), room, len(room), special, False)
        return list(room[:count])

    def logprobs(self, ids):
        """The logarithms of the probabilities of all tokens that may follow each of the ids."""
        clear(memory_of(self.context), True)
        batch = batch_of(len(ids), 0, 1)
        token, _, position, count, sequence, output = batch.parts
        for i, own in enumerate(ids):
            ctypes.cast(token, POINTER(c_int32))[i] = own
            ctypes.cast(position, POINTER(c_int32))[i] = i
            ctypes.cast(count, POINTER(c_int32))[i] = 1
            ctypes.cast(sequence, POINTER(POINTER(c_int32)))[i][0] = 0
            ctypes.cast(output, POINTER(ctypes.c_int8))[i] = 1
        batch.count = len(ids)
        if decode(self.context, batch) != 0:
            raise ValueError("llama.cpp does not decode")
        found = np.ctypeslib.as_array(logits_of(self.context), (len(ids), self.tokens)).astype(np.float64)
        function("llama_batch_free", None, Batch)(batch)
        found -= found.max(axis=1, keepdims=True)
        return found - np.log(np.exp(found).sum(axis=1, keepdims=True))

    def perplexity(self, text, window, count):
        """Over the first windows of a text: exp of the mean of the means over all labels of a window but its first."""
        ids = self.ids(text, True)
        means = []
        for first in range(0, count * window, window):
            own = ids[first : first + window]
            assert len(own) == window
            means.append(-self.logprobs(own)[np.arange(window - 1), own[1:]].mean())
        return float(np.exp(np.mean(means)))
