/**
 * The hot loops, and the only package that may import {@code jdk.incubator.vector}.
 *
 * <p>Public types check their arguments and take arrays; no vector type leaves the package. For
 * every operation there is a scalar definition in plain loops. Not here: anything that knows what a
 * layer, a quantizer or a file is.
 */
package io.tritmill.kernels.simd;
