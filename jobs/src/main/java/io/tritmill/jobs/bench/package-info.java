/**
 * How fast this machine is: its limits, and each kernel's rate against them.
 *
 * <p>Here: what is measured and how it is timed, in one thread of one JVM, in seconds. Not here:
 * the benchmarks that decide what becomes of a kernel, which lie beside the kernels.
 */
package io.tritmill.jobs.bench;
