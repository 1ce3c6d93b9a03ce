/**
 * Texts and token sequences: data sets on disk, questions, evaluation protocols.
 *
 * <p>Not here: tokenizers ({@code tokenizer}), models, and what becomes of the sequences.
 */
package io.tritmill.jobs.data;
