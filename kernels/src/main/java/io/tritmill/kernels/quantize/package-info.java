/**
 * What a method is: weights in, codes and scales out, and the measure of what that costs.
 *
 * <p>Here: the interfaces of methods and of the stages that wrap them, what they are told and what
 * they tell, errors. The methods lie in rooms by what decides: {@code round} (the weights alone),
 * {@code compensate} (sums of inputs), {@code learn} (descent), {@code allocate} (who gets how many
 * bits). {@code fit} and {@code band} are what those are built from, and nobody else's.
 *
 * <p>A new method is one public record in one of the rooms that is a {@link
 * io.tritmill.kernels.quantize.Quantizer} or a {@link io.tritmill.kernels.quantize.Stage}; nothing
 * else changes. Not here: how codes are packed ({@code code}), files, Spark, threads.
 */
package io.tritmill.kernels.quantize;
