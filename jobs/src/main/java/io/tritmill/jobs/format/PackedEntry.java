package io.tritmill.jobs.format;

import io.tritmill.kernels.quantize.PlaneLayout;
import java.io.Serializable;

/**
 * What the metadata of a packed file says of one quantized tensor.
 *
 * @param rows rows of the matrix
 * @param columns columns of the matrix
 * @param layout planes, groups and tie
 * @param dtype element type of the tensor before it was quantized
 * @param method names of the stages that made it
 */
public record PackedEntry(int rows, int columns, PlaneLayout layout, String dtype, String method)
    implements Serializable {}
