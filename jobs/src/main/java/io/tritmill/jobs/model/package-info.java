/**
 * The weights of a model by the part they play, read on executors as a forward pass needs them.
 *
 * <p>Here: blocks, embeddings and heads out of named tensors. Not here: how files are laid out
 * ({@code checkpoint}, {@code format}), and what is computed with the weights.
 */
package io.tritmill.jobs.model;
