/**
 * Texts as token ids, by the tokenizer.json of a checkpoint, or what a GGUF file has in its place.
 *
 * <p>The file comes from a stranger, and the library that reads it trusts it: parts are checked
 * here, and the library gets a file rebuilt from those that are known. Not here: keys of a GGUF
 * file ({@code gguf.tokenizer}), and what tokens are made of ({@code generate}).
 */
package io.tritmill.jobs.tokenizer;
