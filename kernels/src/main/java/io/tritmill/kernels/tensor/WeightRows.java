package io.tritmill.kernels.tensor;

import io.tritmill.kernels.simd.RowSource;

/**
 * The rows of a weight matrix, decoded when they are needed.
 *
 * <p>A weight stays in memory as it is stored (half precision, packed trits); a kernel asks for the
 * few rows that it works on. Implementations are immutable and may be read by several threads.
 */
public interface WeightRows extends RowSource {}
