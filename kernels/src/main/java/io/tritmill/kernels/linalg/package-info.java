/**
 * Linear algebra on whole matrices: Gram matrices, Cholesky factors, Hadamard rotations.
 *
 * <p>Here: what methods need to know of their inputs, in blocks that the kernels of {@code simd}
 * work through. Not here: vector code, quantizers, files, Spark, threads.
 */
package io.tritmill.kernels.linalg;
