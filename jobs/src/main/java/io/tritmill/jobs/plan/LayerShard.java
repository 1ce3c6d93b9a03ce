package io.tritmill.jobs.plan;

import io.tritmill.jobs.storage.Checksums;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.quantize.Quantizer;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

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
 * @param turned whether its weights are not those of the file, since the model is transformed first
 * @param facts whatever the result depends on besides the rows: input bytes, method, format version
 */
public record LayerShard(
    int index,
    TensorInfo tensor,
    int firstRow,
    int rows,
    int columns,
    Quantizer quantizer,
    boolean turned,
    String facts)
    implements Serializable {
  private static final int CHANGES_PER_CHOICE = 128;

  /** The same rows under another method, which the key does not tell. */
  LayerShard withQuantizer(Quantizer other) {
    return new LayerShard(index, tensor, firstRow, rows, columns, other, turned, facts);
  }

  /**
   * Names everything that the result depends on: a digest in hexadecimal. It is made when it is
   * asked for, since a large model has a million bands.
   */
  public String key() {
    String all = String.join("\n", facts, Integer.toString(firstRow), Integer.toString(rows));
    byte[] digest = Checksums.sha256().digest(all.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest, 0, 16);
  }

  /** Whether it is all rows of its tensor. */
  public boolean whole() {
    return rows == tensor.rows();
  }

  /** Whether the method learns from calibration data. */
  public boolean learns() {
    return quantizer != null && !quantizer.needs().isEmpty();
  }

  /**
   * Work in units of one weight of one plane. In a layer that learns the error of a weight is made
   * up for by all others of its row, many of which are changed in the time of one choice.
   */
  public long cost() {
    long weights = (long) rows * columns;
    if (quantizer == null) {
      return weights / 8;
    }
    long choices = weights * quantizer.levels().codeBytes();
    return learns() ? choices * (1 + columns / CHANGES_PER_CHOICE) : choices;
  }
}
