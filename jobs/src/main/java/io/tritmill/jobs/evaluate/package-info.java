/**
 * Perplexity of a model, its divergence from a baseline, and its answers to tasks, computed on
 * Spark.
 *
 * <p>Here: cutting the work into tasks, running the forward pass in them, adding up. Not here: the
 * forward pass ({@code kernels.model}), reading data sets ({@code data}), printing results.
 */
package io.tritmill.jobs.evaluate;
