/**
 * Packed models as files: what is written, what it says of itself, how it is read again.
 *
 * <p>FORMAT.md beside this file is the specification. Here: layout and metadata of packed
 * safetensors. Not here: how trits lie in bytes (kernels), and who copies the bytes.
 */
package io.tritmill.jobs.format;
