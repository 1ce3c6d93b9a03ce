/**
 * The Parquet tables of a run: {@code layers}, {@code blocks}, {@code eval}, {@code runs}.
 *
 * <p>Their columns are an interface for other people's queries: add, never rename or retype. Here:
 * columns and how they are written. Not here: where the numbers come from.
 */
package io.tritmill.jobs.report;
