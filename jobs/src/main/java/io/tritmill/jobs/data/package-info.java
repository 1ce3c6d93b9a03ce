/**
 * Texts and token sequences: data sets on disk, tokenizers, evaluation protocols.
 *
 * <p>Not here: models, and what becomes of the sequences.
 */
package io.tritmill.jobs.data;
