/**
 * Models as GGUF files: the header, its keys, and the parts of a split model.
 *
 * <p>Files come from strangers: every length, offset, depth and count is checked before memory is
 * taken. Not here: what an architecture of ggml is to us ({@code architecture}), tokenizers among
 * the keys ({@code tokenizer}), and weights ({@code checkpoint} reads them, kernels decode them).
 */
package io.tritmill.jobs.gguf;
