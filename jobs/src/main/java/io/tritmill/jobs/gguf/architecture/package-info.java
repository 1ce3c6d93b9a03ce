/**
 * What the architectures of ggml are in the terms of our families: for each a description, as data,
 * of its keys, the names of its tensors, and how values and the order of rows differ. It goes both
 * ways: {@link io.tritmill.jobs.gguf.architecture.GgufArchitecture} reads, {@link
 * io.tritmill.jobs.gguf.architecture.StoredModel} writes.
 *
 * <p>An architecture costs one description among its like, and a line in {@link
 * io.tritmill.jobs.gguf.architecture.Descriptions}. Not here: bytes of a file ({@code gguf}), and
 * rows as they are read ({@code tensor}, which has the dresses that folds put tensors into).
 */
package io.tritmill.jobs.gguf.architecture;
