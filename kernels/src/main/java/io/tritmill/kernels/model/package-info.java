/**
 * The transformer forward pass and what tells model families apart.
 *
 * <p>Here: arithmetic on activations and weights that are handed in, and the names and shapes of a
 * family's tensors. Not here: opening checkpoints, JSON, tokenizers, Spark.
 */
package io.tritmill.kernels.model;
