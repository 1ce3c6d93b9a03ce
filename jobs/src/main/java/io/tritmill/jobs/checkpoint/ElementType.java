package io.tritmill.jobs.checkpoint;

import java.util.Optional;

/**
 * The element types that safetensors knows, with their width; those of weights are {@code DType}.
 */
enum ElementType {
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  I16(16),
  U16(16),
  F16(16),
  BF16(16),
  I32(32),
  U32(32),
  F32(32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private final int bits;

  ElementType(int bits) {
    this.bits = bits;
  }

  /**
   * Bytes of so many elements.
   *
   * @throws ArithmeticException if they are no whole number of bytes, or more than 2^63
   */
  long bytes(long elements) {
    long all = Math.multiplyExact(elements, (long) bits);
    if (all % 8 != 0) {
      throw new ArithmeticException("%d bits end inside a byte".formatted(all));
    }
    return all / 8;
  }

  /** The type of this name. */
  static Optional<ElementType> of(String name) {
    for (ElementType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
