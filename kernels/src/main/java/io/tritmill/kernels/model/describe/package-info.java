/**
 * What descriptions of families are put together from: attention, feed-forwards, experts, norms and
 * tables, each with its usual names and shapes, and what a family may say otherwise.
 *
 * <p>Here: how operators are named and shaped in checkpoints, and how the tensors that are stored
 * decide. Not here: a model type (those are in {@code family}), how keys of config.json are read,
 * and anything that computes with weights.
 */
package io.tritmill.kernels.model.describe;
