package io.tritmill.jobs.format;

import io.tritmill.kernels.code.FourCounts;
import io.tritmill.kernels.code.Levels;
import io.tritmill.kernels.code.PackedMatrix;
import io.tritmill.kernels.code.Piece;
import io.tritmill.kernels.code.PlaneLayout;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What the metadata of a packed file says of one quantized tensor.
 *
 * @param rows rows of the matrix
 * @param columns columns of the matrix
 * @param levels what its codes stand for; of a tensor as read without the planes of each row
 * @param byRow whether rows differ in the number of their planes, which a tensor of its own tells
 * @param dtype element type of the tensor before it was quantized
 * @param method names of the stages that made it
 */
public record PackedEntry(
    int rows, int columns, Levels levels, boolean byRow, String dtype, String method)
    implements Serializable {
  /** An entry of levels that are wholly known. */
  PackedEntry(int rows, int columns, Levels levels, String dtype, String method) {
    this(
        rows,
        columns,
        levels,
        levels instanceof PlaneLayout planes && planes.byRow(),
        dtype,
        method);
  }

  /** What is appended to its name for the tensors that it is stored as, in order. */
  public List<String> suffixes() {
    List<String> suffixes =
        new ArrayList<>(levels.pieces(rows, columns).stream().map(Piece::suffix).toList());
    if (byRow && !suffixes.contains(PlaneLayout.COUNTS)) {
      suffixes.add(PlaneLayout.COUNTS);
    }
    return suffixes;
  }

  /**
   * The whole matrix.
   *
   * @param stored the bytes of each of its tensors
   * @throws IllegalArgumentException if they are not of such a matrix, or codes stand for nothing
   */
  public PackedMatrix matrix(List<byte[]> stored) {
    Levels whole = levels;
    if (byRow) {
      PlaneLayout planes = (PlaneLayout) levels;
      whole =
          new PlaneLayout(
              planes.planes(),
              planes.group(),
              true,
              FourCounts.unpack(stored.getLast(), rows),
              false);
    }
    PackedMatrix matrix = whole.packed(rows, columns, stored);
    matrix.requireCodes();
    return matrix;
  }
}
