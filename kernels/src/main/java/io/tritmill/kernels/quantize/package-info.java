/**
 * Methods that turn weights into trit-planes, and the measure of what that costs.
 *
 * <p>Here: one record a method, the result type, errors. A new method is one {@link
 * io.tritmill.kernels.quantize.Quantizer}; nothing else changes. Not here: packing, files, Spark,
 * threads.
 */
package io.tritmill.kernels.quantize;
