/**
 * Stages in which sums over inputs decide: rounding errors of some weights are undone by others.
 *
 * <p>Here: a public record a stage, the method that it makes of what it wraps, its solver, and the
 * sums and factors that solvers keep. A method's type is public where a room above must know what
 * it wraps; recipes name the stage. Not here: descent on continuous parameters ({@code learn}), and
 * gathering the sums.
 */
package io.tritmill.kernels.quantize.compensate;
