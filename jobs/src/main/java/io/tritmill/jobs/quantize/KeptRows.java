package io.tritmill.jobs.quantize;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.kernels.tensor.BlockType;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.EncodedRows;

/** Rows that are kept, where their file has them in a form that safetensors has not. */
final class KeptRows {
  private KeptRows() {}

  /**
   * Their bytes in the output: blocks of quantized weights as half precision, which holds them to
   * one part in 4,000; anything else as it is.
   *
   * @param bytes of the rows in order, encoded as the file has them
   * @throws BadInputException if a weight is too large for half precision
   */
  static byte[] of(LayerShard shard, byte[] bytes) {
    if (BlockType.of(shard.tensor().dtype()).isEmpty()) {
      return bytes;
    }
    EncodedRows rows = QuantizeBand.stored(shard, bytes);
    float[] values = new float[Math.multiplyExact(rows.rows(), rows.columns())];
    rows.decode(0, rows.rows(), values, 0);
    byte[] half = new byte[Math.multiplyExact(values.length, DType.F16.bytes())];
    DType.F16.encode(values, 0, half, 0, values.length);
    for (int i = 0; i < values.length; i++) {
      if (Float.isInfinite(Float.float16ToFloat(Float.floatToFloat16(values[i])))) {
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
