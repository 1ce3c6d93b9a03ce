package io.tritmill.udf;

import io.tritmill.kernels.tensor.BlockType;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import java.util.Arrays;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/** {@code decode(bytes, dtype)}: the bytes of a tensor in a checkpoint as floats. */
public final class Decode extends KernelFunction<ArrayData> {
  private static final long serialVersionUID = 1L;

  Decode() {
    super(
        "decode",
        "bytes binary, dtype string",
        "array<float>",
        "little-endian numbers of a type as safetensors spells it: F32, F16 or BF16; or blocks of a type"
            + " as ggml spells it, such as Q4_K");
  }

  /** Called by Spark. */
  public static ArrayData invoke(byte[] bytes, UTF8String dtype) {
    if (bytes == null || dtype == null) {
      return null;
    }
    Encoding type =
        Encoding.of(dtype.toString())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "dtype is %s, expected one of %s or %s"
                            .formatted(
                                dtype,
                                Arrays.toString(DType.values()),
                                Arrays.toString(BlockType.values()))));
    if (bytes.length % type.blockBytes() != 0) {
      throw new IllegalArgumentException(
          "%d bytes are no whole number of %s, which has %d bytes"
              .formatted(bytes.length, type, type.blockBytes()));
    }
    float[] values =
        new float[Math.multiplyExact(bytes.length / type.blockBytes(), type.blockElements())];
    type.decode(bytes, 0, values, 0, values.length);
    return ArrayData.toArrayData(values);
  }
}
