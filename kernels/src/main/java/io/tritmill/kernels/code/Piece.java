package io.tritmill.kernels.code;

import java.io.Serializable;
import java.util.List;

/**
 * One of the tensors that a packed matrix is stored as.
 *
 * @param suffix appended to the name of the matrix
 * @param dtype type of its elements, as safetensors spells it
 * @param shape its dimensions
 * @param bytes of all of it
 * @param runs how many runs over all rows follow each other in it; bands are joined run by run
 * @param shared whether all bands of a matrix hold the same, which is stored once
 */
public record Piece(
    String suffix, String dtype, List<Long> shape, long bytes, int runs, boolean shared)
    implements Serializable {
  /** Bytes of a run. */
  public long runBytes() {
    return bytes / runs;
  }
}
