package io.tritmill.jobs.bench;

import java.util.function.DoubleSupplier;

/**
 * A call of a kernel.
 *
 * @param costs what one call gets done, and what that takes at least
 * @param call runs the kernel and returns something that depends on its result
 */
record Work(Costs costs, DoubleSupplier call) {}
