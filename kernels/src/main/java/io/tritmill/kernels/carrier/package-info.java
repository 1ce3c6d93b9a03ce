/**
 * Formats of other programs that hold our levels: which they hold without loss, and how codes and
 * scales lie in their bytes.
 *
 * <p>Here: blocks that are encoded from codes, never from decoded weights, so that a change of
 * packing is no second rounding. Not here: how they are decoded ({@code tensor}), how codes are
 * chosen ({@code quantize}), files.
 */
package io.tritmill.kernels.carrier;
