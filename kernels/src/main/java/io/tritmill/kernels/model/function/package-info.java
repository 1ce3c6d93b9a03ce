/**
 * The functions that passes are made of: norms, activations, rotary embeddings, softmax,
 * convolution, the delta rule.
 *
 * <p>Here: arithmetic on arrays that are handed in, with numbers that describe it. Not here: which
 * weights a sublayer has, the order of a pass, what is measured.
 */
package io.tritmill.kernels.model.function;
