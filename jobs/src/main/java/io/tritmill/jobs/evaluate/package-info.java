/**
 * Perplexity of a model, and its divergence from a baseline, computed on Spark.
 *
 * <p>Here: cutting the work into tasks, running the forward pass in them, adding up. Not here: the
 * forward pass ({@code kernels.model}), reading data sets ({@code data}), printing results.
 */
package io.tritmill.jobs.evaluate;
