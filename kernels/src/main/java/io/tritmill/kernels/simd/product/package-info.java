/**
 * Products of matrices, in tiles, and the panels that tiles read.
 *
 * <p>Here: drivers that cut a product into tiles and parts, tiles for each width of registers, and
 * the loops over rows that matrices need beside. Internal to {@code simd}. Not here: checks of
 * arguments, trits, what a matrix stands for.
 */
package io.tritmill.kernels.simd.product;
