/**
 * Runs in the formats that other programs open: what becomes of each matrix and why, and the files.
 *
 * <p>Here: formats, one class each, in terms of what holds the levels of a matrix; streaming of
 * their tensors, a matrix at a time. A change of packing is no second rounding: what a format
 * cannot hold is said, with its error, and written only where that is allowed. Not here: codes and
 * blocks ({@code kernels.carrier}).
 */
package io.tritmill.jobs.export;
