/**
 * Matrices, encodings of weights (element by element or in blocks), and weights that are decoded
 * row by row.
 *
 * <p>Here: how numbers lie in memory. Not here: arithmetic ({@code simd}), trits ({@code code}),
 * files.
 */
package io.tritmill.kernels.tensor;
