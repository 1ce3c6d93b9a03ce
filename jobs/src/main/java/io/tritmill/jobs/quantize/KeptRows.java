package io.tritmill.jobs.quantize;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.EncodedRows;

/** Rows that are kept, where their file has them in a form that safetensors has not. */
final class KeptRows {
  private KeptRows() {}

  /**
   * Their bytes in the output: blocks of quantized weights as half precision, which holds those of
   * ggml to one part in 4,000 and 4-bit floats exactly; anything else as it is.
   *
   * @param bytes of the rows in order, encoded as the file has them
   * @throws BadInputException if a weight is too large for half precision
   */
  static byte[] of(LayerShard shard, byte[] bytes) {
    if (shard.tensor().encoding().orElseThrow() instanceof DType) {
      return bytes;
    }
    DType type = shard.tensor().keptType();
    EncodedRows rows = QuantizeBand.stored(shard, bytes);
    float[] values = new float[Math.multiplyExact(rows.rows(), rows.columns())];
    rows.decode(0, rows.rows(), values, 0);
    byte[] half = new byte[Math.multiplyExact(values.length, type.bytes())];
    type.encode(values, 0, half, 0, values.length);
    float[] found = new float[values.length];
    type.decode(half, 0, found, 0, found.length);
    for (int i = 0; i < values.length; i++) {
      if (Float.isInfinite(found[i])) {
        throw BadInputException.broken(
            "%s: tensor %s has %s in row %d, column %d, which half precision cannot hold; is the"
                + " file what it seems?",
            shard.tensor().file(),
            Printable.of(shard.tensor().name()),
            values[i],
            shard.firstRow() + i / rows.columns(),
            i % rows.columns());
      }
    }
    return half;
  }
}
