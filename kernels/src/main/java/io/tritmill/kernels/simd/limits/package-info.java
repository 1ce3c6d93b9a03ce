/**
 * Loops that keep one limit of the machine busy, for those who measure.
 *
 * <p>Internal to {@code simd}. Not here: clocks, and loops whose results mean something.
 */
package io.tritmill.kernels.simd.limits;
