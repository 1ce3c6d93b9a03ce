/**
 * The loss of a model, and what it says of the outputs of modules: how much an error there costs.
 *
 * <p>Here: loss of next tokens, divergence of two models, curvature of the loss by what a forward
 * pass lets see on its way. Not here: the pass itself, files, Spark.
 */
package io.tritmill.kernels.model.loss;
