/**
 * How config.json and the names of tensors become an {@code Architecture}: one small class for each
 * model type, and the list of them.
 *
 * <p>Here: what tells a family apart from others; the room grows by a file a family and by nothing
 * else. Not here: what several families share (that is in {@code describe}), how keys are read,
 * anything that computes with weights. A new family is one class and one entry in {@link
 * io.tritmill.kernels.model.family.ModelFamily#ALL}.
 */
package io.tritmill.kernels.model.family;
