/**
 * Loops over elements, sums over them, and the choice between vectors and plain loops.
 *
 * <p>Here: what the other rooms of {@code simd} build on, too: whether vectors run, and in which
 * registers. For every operation there is a scalar definition in plain loops, which a vector
 * implementation equals bit for bit. Internal to {@code simd}. Not here: checks of arguments,
 * matrices, threads.
 */
package io.tritmill.kernels.simd.lanes;
