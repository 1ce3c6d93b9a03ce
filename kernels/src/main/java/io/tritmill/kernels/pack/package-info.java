/**
 * Trits as bytes.
 *
 * <p>Here: block layouts and packed tensors that decode themselves. Not here: files that hold them,
 * and how the trits were chosen.
 */
package io.tritmill.kernels.pack;
