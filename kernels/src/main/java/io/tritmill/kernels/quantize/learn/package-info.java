/**
 * Stages that learn what a group adds to its codes: shifts, and divisors that decide the rounding.
 *
 * <p>Here: a public record a stage, its method and its solver. A method's type is public where a
 * room above must know what it wraps. Not here: solvers that go column by column ({@code
 * compensate}).
 */
package io.tritmill.kernels.quantize.learn;
