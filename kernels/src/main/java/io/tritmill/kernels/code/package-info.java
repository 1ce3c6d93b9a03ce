/**
 * What a compressed matrix is: codes on levels, and how both lie in bytes.
 *
 * <p>Here: groups and layouts, planes and scales, the levels of a group, what can be counted of
 * them, block layouts and packed tensors that decode themselves. Not here: how codes and scales are
 * chosen ({@code quantize}), and files that hold them.
 */
package io.tritmill.kernels.code;
