package io.tritmill.jobs.plan;

import io.tritmill.jobs.checkpoint.TensorInfo;
import io.tritmill.kernels.quantize.Quantizer;
import java.io.Serializable;

/**
 * A band of rows of one tensor: the unit of work, of resuming and of retrying.
 *
 * <p>Where bands are cut depends on the shape alone, so that the cluster has no say in the result.
 *
 * @param index position among all shards of the run
 * @param tensor the tensor it is cut from
 * @param firstRow first row of the band
 * @param rows rows of the band
 * @param columns columns of the tensor
 * @param quantizer the method; null when the band is only checked, since its tensor is kept
 * @param key names everything that the result depends on: input bytes, method, format version
 */
public record LayerShard(
    int index,
    TensorInfo tensor,
    int firstRow,
    int rows,
    int columns,
    Quantizer quantizer,
    String key)
    implements Serializable {

  /** The same rows under another method, which the key does not tell. */
  LayerShard withQuantizer(Quantizer other) {
    return new LayerShard(index, tensor, firstRow, rows, columns, other, key);
  }

  /** Whether the method learns from calibration data. */
  public boolean learns() {
    return quantizer != null && !quantizer.needs().isEmpty();
  }

  /** Work in units of one weight of one plane. */
  public long cost() {
    long weights = (long) rows * columns;
    return quantizer == null ? weights / 8 : weights * quantizer.layout().planes();
  }
}
