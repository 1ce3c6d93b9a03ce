/**
 * Who gets how many bits.
 *
 * <p>Here: damages of rows and tensors at several sizes, and the choice that spends a budget where
 * it saves most. It knows all methods, none knows it. Not here: rounding to the numbers chosen
 * ({@code round}).
 */
package io.tritmill.kernels.quantize.allocate;
