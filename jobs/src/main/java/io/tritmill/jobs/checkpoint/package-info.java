/**
 * Checkpoints in Hugging Face layout, and GGUF files read as such: headers, byte ranges,
 * configuration.
 *
 * <p>Files come from strangers: every length, offset, depth and count is checked before memory is
 * taken. Not here: packed output ({@code format}), texts ({@code data}).
 */
package io.tritmill.jobs.checkpoint;
