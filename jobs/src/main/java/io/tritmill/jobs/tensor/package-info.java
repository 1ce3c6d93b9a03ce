/**
 * Tensors of a checkpoint: where their bytes lie, in which dress, and how they are read as rows.
 *
 * <p>Here: a class for each way in which stored bytes become rows of a matrix. Not here: the
 * headers that tell where tensors lie ({@code checkpoint}), and which matrices a model needs.
 */
package io.tritmill.jobs.tensor;
