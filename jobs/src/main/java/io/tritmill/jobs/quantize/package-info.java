/**
 * The compression run on Spark: bands, passes, ledger, assembly.
 *
 * <p>Here: what runs on executors and what the driver does with the results. Not here: methods
 * (kernels), decisions ({@code plan}), bytes of the output ({@code format}).
 */
package io.tritmill.jobs.quantize;
