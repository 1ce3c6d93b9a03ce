/**
 * The one interpreter of an {@code Architecture}: attention, feed-forward, norms, positions, loss,
 * and what is measured of the loss on the way.
 *
 * <p>Here: arithmetic on activations and weights that are handed in. Not here: a name of a family
 * or of a tensor, files, Spark.
 */
package io.tritmill.kernels.model.forward;
