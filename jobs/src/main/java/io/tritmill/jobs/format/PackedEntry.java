package io.tritmill.jobs.format;

import io.tritmill.kernels.code.FourCounts;
import io.tritmill.kernels.code.PlaneLayout;
import java.io.Serializable;

/**
 * What the metadata of a packed file says of one quantized tensor.
 *
 * @param rows rows of the matrix
 * @param columns columns of the matrix
 * @param layout planes, groups and tie; of a tensor as read without the planes of each row
 * @param byRow whether rows differ in the number of their planes, which a tensor of its own tells
 * @param dtype element type of the tensor before it was quantized
 * @param method names of the stages that made it
 */
public record PackedEntry(
    int rows, int columns, PlaneLayout layout, boolean byRow, String dtype, String method)
    implements Serializable {
  /**
   * The layout with the planes of each row, where rows differ in it.
   *
   * @param counts bytes of the tensor that tells; not looked at where rows do not differ
   * @throws IllegalArgumentException if they are not the numbers of planes of these rows
   */
  public PlaneLayout layout(byte[] counts) {
    return byRow
        ? new PlaneLayout(
            layout.planes(), layout.group(), true, FourCounts.unpack(counts, rows), false)
        : layout;
  }
}
