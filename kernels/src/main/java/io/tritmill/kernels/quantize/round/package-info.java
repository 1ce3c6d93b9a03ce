/**
 * Methods in which the weights alone decide.
 *
 * <p>Here: records that are a {@code Quantizer} and stand last in a list of stages: ternary by
 * threshold, trit-planes, integers, and planes by row, of which something else chose the numbers.
 * Not here: what looks at inputs, and least squares of a group ({@code fit}).
 */
package io.tritmill.kernels.quantize.round;
