/**
 * The best scales of one group of weights.
 *
 * <p>Here: least squares for one, two and three planes, free and tied, and for integers, from the
 * weights of a group or a row alone. Internal to {@code quantize}. Not here: walks over a matrix,
 * recipes, statistics of inputs.
 */
package io.tritmill.kernels.quantize.fit;
