package io.tritmill.jobs.plan;

import io.tritmill.jobs.checkpoint.TensorInfo;
import io.tritmill.kernels.model.Role;
import io.tritmill.kernels.pack.FiveTrits;
import io.tritmill.kernels.quantize.PlaneLayout;
import io.tritmill.kernels.quantize.Quantizer;

/**
 * One tensor of the checkpoint and what becomes of it.
 *
 * @param tensor where it lies
 * @param role its part in the model; null where the model's family is unknown
 * @param block index of its block, -1 outside the blocks
 * @param quantizer its method; null when it is kept byte for byte
 * @param method names of the recipe's stages for it, or {@code keep}
 * @param reason why a candidate is kept all the same; null when it is not
 */
public record PlannedTensor(
    TensorInfo tensor, Role role, int block, Quantizer quantizer, String method, String reason) {

  /** Whether the tensor is copied unchanged. */
  public boolean kept() {
    return quantizer == null;
  }

  /** Rows of the matrix; of anything else, its leading dimensions multiplied. */
  public int rows() {
    return Math.toIntExact(tensor.rows());
  }

  /** Columns of the matrix; the last dimension of anything else. */
  public int columns() {
    return Math.toIntExact(tensor.columns());
  }

  /** Bytes of all planes of trits. */
  public long tritBytes() {
    return quantizer.layout().planes() * FiveTrits.bytes(tensor.elements());
  }

  /** Bytes of all scales. */
  public long scaleBytes() {
    PlaneLayout layout = quantizer.layout();
    return 2L * layout.scales(rows(), columns());
  }

  /** Bytes that the tensor takes in the output. */
  public long bytesOut() {
    return kept() ? tensor.bytes() : tritBytes() + scaleBytes();
  }

  /** Stored bits of a weight, scales and padding counted. */
  public double bitsPerWeight() {
    return tensor.elements() == 0 ? 0 : 8.0 * bytesOut() / tensor.elements();
  }
}
