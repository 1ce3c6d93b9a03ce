/**
 * Whether a run is good enough: limits of its recipe, and the last run that was accepted.
 *
 * <p>Here: comparing numbers that a run's summary already holds, and writing down what came of it.
 * Not here: measuring ({@code quantize}, {@code evaluate}), exit codes ({@code command}).
 */
package io.tritmill.jobs.gate;
