"""llama.cpp as a server in this process, asked for the probabilities of tokens."""
import json
import urllib.request

import xllamacpp


def serve(path, context):
    """Serves a model with keys and values in single precision, so that nothing but the order of sums differs."""
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = context
    params.n_parallel = 1
    params.cpuparams.n_threads = 1  # more wait for one another at every step, while other tests run
    params.warmup = False
    params.cache_type_k = xllamacpp.ggml_type.GGML_TYPE_F32
    params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    return xllamacpp.Server(params)


def ask(server, what, **question):
    request = urllib.request.Request(
        f"{server.listening_address}/{what}",
        json.dumps(question).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def logprobs(server, prompt, vocabulary):
    """The logarithms of the probabilities of all tokens that may follow a list of ids."""
    answer = ask(
        server,
        "completion",
        prompt=prompt,
        n_predict=1,
        n_probs=vocabulary,
        temperature=0,
        cache_prompt=False,
    )
    found = [None] * vocabulary
    for token in answer["completion_probabilities"][0]["top_logprobs"]:
        found[token["id"]] = token["logprob"]
    return found
