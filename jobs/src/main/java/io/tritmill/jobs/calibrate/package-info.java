/**
 * What methods learn of a layer's inputs: calibration sequences taken through the model block by
 * block, and sums of products over what they meet.
 *
 * <p>Activations and sums live in files that executors write and read; the driver sees names, sizes
 * and a few numbers of each block. Sequences are cut into chunks by the set and the model alone,
 * and sums of chunks are added along a fixed tree, so no cluster changes a bit. Not here: what a
 * layer is fitted with ({@code kernels.quantize}), and how its trits are stored ({@code quantize}).
 */
package io.tritmill.jobs.calibrate;
