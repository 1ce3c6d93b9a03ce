/**
 * Models as GGUF files: the header, the parts of a split model, and what turns ggml's keys, names
 * and row orders into those of Hugging Face, a description for each architecture; and the tokenizer
 * that stands among the keys.
 *
 * <p>Files come from strangers: every length, offset, depth and count is checked before memory is
 * taken. Not here: weights ({@code checkpoint} reads them, kernels decode them).
 */
package io.tritmill.jobs.gguf;
