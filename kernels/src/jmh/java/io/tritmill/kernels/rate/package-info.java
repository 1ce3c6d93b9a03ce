/**
 * What a benchmark counts beside its calls, so that JMH prints a rate with a meaning.
 *
 * <p>JMH divides each count by the time measured: a field named {@code gflop} is reported per
 * second, that is in GFLOP/s. Not here: benchmarks.
 */
package io.tritmill.kernels.rate;
