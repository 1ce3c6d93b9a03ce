/**
 * Models as GGUF files: the header, its keys, the parts of a split model, and the tokenizer that
 * stands among the keys.
 *
 * <p>Files come from strangers: every length, offset, depth and count is checked before memory is
 * taken. Not here: what an architecture of ggml is to us ({@code architecture}), and weights
 * ({@code checkpoint} reads them, kernels decode them).
 */
package io.tritmill.jobs.gguf;
