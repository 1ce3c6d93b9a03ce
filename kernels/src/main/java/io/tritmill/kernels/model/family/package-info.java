/**
 * How config.json and the names of tensors become an {@code Architecture}: one description a
 * family.
 *
 * <p>Here: what tells families apart, names and shapes of tensors. Not here: how keys are read, and
 * anything that computes with weights. A new family is one class and one entry in {@link
 * io.tritmill.kernels.model.family.ModelFamily#ALL}.
 */
package io.tritmill.kernels.model.family;
