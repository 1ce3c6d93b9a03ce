/**
 * Tokenizers among the keys of GGUF files: read into the files that Hugging Face has for them, and
 * made of these.
 *
 * <p>One table says what the names of ggml split a text by, and serves both ways. Not here: what a
 * text becomes ({@code data} has it, by the library that reads tokenizer.json).
 */
package io.tritmill.jobs.gguf.tokenizer;
