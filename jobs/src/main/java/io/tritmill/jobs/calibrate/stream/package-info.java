/**
 * The residual streams between two steps: the files of numbers that they lie in, who holds those,
 * where all chunks are, and how far the compressed stream is from the clean one.
 *
 * <p>Not here: what takes a stream a step further, and what is summed of it ({@code calibrate}).
 */
package io.tritmill.jobs.calibrate.stream;
