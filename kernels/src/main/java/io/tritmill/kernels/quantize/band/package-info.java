/**
 * Work on a band of rows: how a method walks over it, and what solvers share.
 *
 * <p>Here: rows side by side with their grids, the columns of a layer with what is known of their
 * inputs, parts of a band for idle cores, and what a stage needs to be a method of such solvers.
 * Internal to {@code quantize}. Not here: how any solver chooses codes.
 */
package io.tritmill.kernels.quantize.band;
