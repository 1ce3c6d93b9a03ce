package io.tritmill.jobs.gguf;

import java.util.Optional;
import java.util.OptionalInt;

/** The tensor types of ggml: their number in a file, and the bytes of a block of elements. */
public enum GgufType {
  F32(0, 1, 4),
  F16(1, 1, 2),
  Q4_0(2, 32, 18),
  Q4_1(3, 32, 20),
  Q5_0(6, 32, 22),
  Q5_1(7, 32, 24),
  Q8_0(8, 32, 34),
  Q8_1(9, 32, 36),
  Q2_K(10, 256, 84),
  Q3_K(11, 256, 110),
  Q4_K(12, 256, 144),
  Q5_K(13, 256, 176),
  Q6_K(14, 256, 210),
  Q8_K(15, 256, 292),
  IQ2_XXS(16, 256, 66),
  IQ2_XS(17, 256, 74),
  IQ3_XXS(18, 256, 98),
  IQ1_S(19, 256, 50),
  IQ4_NL(20, 32, 18),
  IQ3_S(21, 256, 110),
  IQ2_S(22, 256, 82),
  IQ4_XS(23, 256, 136),
  I8(24, 1, 1),
  I16(25, 1, 2),
  I32(26, 1, 4),
  I64(27, 1, 8),
  F64(28, 1, 8),
  IQ1_M(29, 256, 56),
  BF16(30, 1, 2),
  TQ1_0(34, 256, 54),
  TQ2_0(35, 256, 66),
  MXFP4(39, 32, 17),
  Q2_0(42, 64, 18);

  private final int number;
  private final int blockElements;
  private final int blockBytes;

  GgufType(int number, int blockElements, int blockBytes) {
    this.number = number;
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
  }

  /** Its number in a file. */
  int number() {
    return number;
  }

  /** ggml's number of a file whose matrices are most often of this type; empty without one. */
  public OptionalInt fileType() {
    return switch (this) {
      case F32 -> OptionalInt.of(0);
      case F16 -> OptionalInt.of(1);
      case Q4_0 -> OptionalInt.of(2);
      case Q4_1 -> OptionalInt.of(3);
      case Q8_0 -> OptionalInt.of(7);
      case Q5_0 -> OptionalInt.of(8);
      case Q5_1 -> OptionalInt.of(9);
      case Q2_K -> OptionalInt.of(10);
      case Q3_K -> OptionalInt.of(12);
      case Q4_K -> OptionalInt.of(15);
      case Q5_K -> OptionalInt.of(17);
      case Q6_K -> OptionalInt.of(18);
      case BF16 -> OptionalInt.of(32);
      case TQ1_0 -> OptionalInt.of(36);
      case TQ2_0 -> OptionalInt.of(37);
      default -> OptionalInt.empty();
    };
  }

  /** Elements of a block. */
  public int blockElements() {
    return blockElements;
  }

  /** Bytes of a block. */
  public int blockBytes() {
    return blockBytes;
  }

  /**
   * Bytes of so many elements.
   *
   * @throws IllegalArgumentException if they are no whole blocks
   */
  public long bytes(long elements) {
    if (elements % blockElements != 0) {
      throw new IllegalArgumentException(
          "%s has blocks of %d, found %d elements".formatted(name(), blockElements, elements));
    }
    return Math.multiplyExact(elements / blockElements, (long) blockBytes);
  }

  /** The type of this number. */
  public static Optional<GgufType> of(int number) {
    for (GgufType type : values()) {
      if (type.number == number) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
