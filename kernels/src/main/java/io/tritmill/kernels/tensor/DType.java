package io.tritmill.kernels.tensor;

import io.tritmill.kernels.simd.Simd;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * A floating-point element type of a checkpoint, little endian, and its bytes to floats and back.
 */
public enum DType implements Encoding {
  F32(4),
  F16(2),
  BF16(2);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  @Override
  public int blockElements() {
    return 1;
  }

  @Override
  public int blockBytes() {
    return bytes;
  }

  /** The type that safetensors calls {@code name}, or empty when it is none of ours. */
  public static Optional<DType> of(String name) {
    for (DType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  @Override
  public void decode(byte[] source, int offset, float[] into, int at, int count) {
    switch (this) {
      case F32 ->
          ByteBuffer.wrap(source, offset, count * 4)
              .order(ByteOrder.LITTLE_ENDIAN)
              .asFloatBuffer()
              .get(into, at, count);
      case F16 -> Simd.decodeF16(source, offset, into, at, count);
      case BF16 -> Simd.decodeBf16(source, offset, into, at, count);
    }
  }

  /** Encodes {@code count} floats, rounding to nearest even, from byte {@code offset} on. */
  public void encode(float[] source, int at, byte[] into, int offset, int count) {
    ByteBuffer out = ByteBuffer.wrap(into, offset, count * bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      switch (this) {
        case F32 -> out.putFloat(source[at + i]);
        case F16 -> out.putShort(Float.floatToFloat16(source[at + i]));
        case BF16 -> out.putShort(toBf16(source[at + i]));
      }
    }
  }

  /** A float rounded to the nearest of eight significant bits, ties to even. */
  public static float toBfloat16(float value) {
    return Float.intBitsToFloat(toBf16(value) << 16);
  }

  private static short toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }
}
