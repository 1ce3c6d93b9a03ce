package io.tritmill.jobs.plan;

import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.code.PlaneCounts;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.round.RowPlanes;
import io.tritmill.kernels.quantize.round.TritRows;

/**
 * One tensor of the checkpoint and what becomes of it.
 *
 * @param tensor where it lies
 * @param spec what the model's description says of it; null where it says nothing
 * @param module the linear module whose weight it is; null where it is none's, or nothing is known
 *     of the model
 * @param block index of its block, -1 outside the blocks
 * @param uncompressed what becomes of it where it is not compressed
 * @param quantizer its method; null when it is kept byte for byte
 * @param method names of the recipe's stages for it, or {@code keep}
 * @param reason why it is kept, or not treated as the recipe asks; else null
 * @param fallback whether it is kept though the recipe asks otherwise
 */
public record PlannedTensor(
    TensorInfo tensor,
    TensorSpec spec,
    Module module,
    int block,
    Fate uncompressed,
    Quantizer quantizer,
    String method,
    String reason,
    boolean fallback) {

  /** Whether the tensor is kept, blocks of another program as half precision. */
  public boolean kept() {
    return quantizer == null;
  }

  /** Whether it is the head, whose inputs are the final hidden states. */
  public boolean head() {
    return module != null && block < 0;
  }

  /** Whether its method learns from calibration data. */
  public boolean learns() {
    return !kept() && !quantizer.needs().isEmpty();
  }

  /** What becomes of it. */
  public Fate fate() {
    return kept() ? uncompressed : Fate.COMPRESSED;
  }

  /** Where its inputs are seen; of a layer that learns. */
  public Site site() {
    return module.site();
  }

  /** The same where all matrices of the stacked tensor that it is of are kept; else itself. */
  PlannedTensor together() {
    TensorInfo whole = tensor.together();
    return whole == tensor
        ? this
        : new PlannedTensor(
            whole, spec, module, block, uncompressed, quantizer, method, reason, fallback);
  }

  /**
   * The same layer with the number of planes of each row decided.
   *
   * @throws IllegalArgumentException if they are not of as many rows
   */
  PlannedTensor withPlanes(PlaneCounts planes) {
    if (planes.rows() != rows()) {
      throw new IllegalArgumentException(
          "%s: has %d rows, found numbers of planes of %d"
              .formatted(tensor.name(), rows(), planes.rows()));
    }
    RowPlanes rounding = new RowPlanes(planes, quantizer.levels().group());
    return new PlannedTensor(
        tensor,
        spec,
        module,
        block,
        uncompressed,
        quantizer.withRounding(rounding),
        method,
        reason,
        fallback);
  }

  /** Rows of the matrix; of anything else, its leading dimensions multiplied. */
  public int rows() {
    return Math.toIntExact(tensor.rows());
  }

  /** Columns of the matrix; the last dimension of anything else. */
  public int columns() {
    return Math.toIntExact(tensor.columns());
  }

  /** Bytes that the tensor takes in the output; on average where rows have yet to choose. */
  public long bytesOut() {
    if (kept()) {
      return tensor.keptBytes();
    }
    return quantizer.rounding() instanceof TritRows rows
        ? Math.round(rows.bits() * tensor.elements() / Byte.SIZE)
        : quantizer.levels().bytes(rows(), columns());
  }

  /** Stored bits of a weight, scales and padding counted. */
  public double bitsPerWeight() {
    return tensor.elements() == 0 ? 0 : 8.0 * bytesOut() / tensor.elements();
  }
}
