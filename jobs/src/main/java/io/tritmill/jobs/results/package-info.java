/**
 * What several recipes make of one model, side by side.
 *
 * <p>Here: the measurements of all runs, and the page that shows them. Not here: compressing and
 * evaluating, which the command does for each run as its users would.
 */
package io.tritmill.jobs.results;
