/**
 * Products of trits with bytes.
 *
 * <p>Here: kernels that look codes up in tables, how codes lie for them, floats to int8. Each
 * kernel has the sums of the scalar one, exact in integers. Internal to {@code simd}. Not here: the
 * matrix that is multiplied, and how trits lie in files.
 */
package io.tritmill.kernels.simd.trit;
