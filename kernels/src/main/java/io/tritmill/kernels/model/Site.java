package io.tritmill.kernels.model;

import java.io.Serializable;

/**
 * A place where linear modules take their input; modules that read the same share a site.
 *
 * @param index position among all sites, in the order of the forward pass
 * @param sublayer index of the sublayer that it is in
 * @param block index of the block that the sublayer belongs to
 * @param name what messages call it, such as {@code attention}; unique in its block
 * @param width inputs of its modules
 */
public record Site(int index, int sublayer, int block, String name, int width)
    implements Serializable {}
