/**
 * Safe listings of files that strangers made: safetensors, GGUF, Arrow IPC, folders of these.
 *
 * <p>Here: headers, turned into tables. Not here: weights, texts, and whether a model can be used.
 */
package io.tritmill.jobs.inspect;
