package io.tritmill.kernels.code;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Codes of 2 to 8 bits, one after the other from the lowest bit of the first byte on; the bits
 * after the last code are zero. So eight codes take as many bytes as one has bits.
 */
public final class BitCodes {
  private static final int TOGETHER = 8;
  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private BitCodes() {}

  /** Bytes for so many codes. */
  public static int bytes(int bits, int count) {
    return Math.toIntExact(Math.ceilDiv((long) bits * count, Byte.SIZE));
  }

  /**
   * Packs codes.
   *
   * @param codes unsigned, below 2^bits
   * @throws IllegalArgumentException if one is not
   */
  public static void pack(int bits, byte[] codes, int from, int count, byte[] into, int at) {
    int to = at;
    for (int i = 0; i < count; i += TOGETHER) {
      int some = Math.min(TOGETHER, count - i);
      long word = 0;
      for (int j = 0; j < some; j++) {
        long code = codes[from + i + j] & 0xff;
        if (code >>> bits != 0) {
          throw new IllegalArgumentException(
              "Code %d is %d, expected at most %d".formatted(i + j, code, (1 << bits) - 1));
        }
        word |= code << bits * j;
      }
      for (int b = 0; b < bytes(bits, some); b++) {
        into[to++] = (byte) (word >>> Byte.SIZE * b);
      }
    }
  }

  /** Unpacks codes that begin at a byte. */
  public static void unpack(int bits, byte[] packed, int from, int count, byte[] into, int at) {
    switch (bits) {
      case 8 -> System.arraycopy(packed, from, into, at, count);
      case 4 -> nibbles(packed, from, count, into, at);
      default -> words(bits, packed, from, count, into, at);
    }
  }

  private static void nibbles(byte[] packed, int from, int count, byte[] into, int at) {
    for (int i = 0; i < count / 2; i++) {
      into[at + 2 * i] = (byte) (packed[from + i] & 0xf);
      into[at + 2 * i + 1] = (byte) (packed[from + i] >>> 4 & 0xf);
    }
    if (count % 2 > 0) {
      into[at + count - 1] = (byte) (packed[from + count / 2] & 0xf);
    }
  }

  private static void words(int bits, byte[] packed, int from, int count, byte[] into, int at) {
    int source = from;
    int i = 0;
    // A word is read with what follows its eight codes, as long as there is so much.
    for (; i + TOGETHER <= count && source + Long.BYTES <= packed.length; i += TOGETHER) {
      eight(bits, (long) WORD.get(packed, source), into, at + i);
      source += bits;
    }
    int mask = (1 << bits) - 1;
    for (; i < count; i += TOGETHER) {
      int some = Math.min(TOGETHER, count - i);
      long word = 0;
      for (int b = 0; b < bytes(bits, some); b++) {
        word |= (packed[source++] & 0xffL) << Byte.SIZE * b;
      }
      for (int j = 0; j < some; j++) {
        into[at + i + j] = (byte) (word >>> bits * j & mask);
      }
    }
  }

  private static void eight(int bits, long word, byte[] into, int at) {
    int mask = (1 << bits) - 1;
    long rest = word;
    for (int j = 0; j < TOGETHER; j++) {
      into[at + j] = (byte) (rest & mask);
      rest >>>= bits;
    }
  }

  /**
   * Looks at the bits after the last code of a row.
   *
   * @param end byte after the row's last
   * @throws IllegalArgumentException if they are not zero
   */
  static void requirePadding(int bits, byte[] packed, int end, int count) {
    int used = (int) ((long) bits * count % Byte.SIZE);
    if (used > 0 && (packed[end - 1] & 0xff) >>> used != 0) {
      throw new IllegalArgumentException(
          "Byte %d is %d, expected zeros after its first %d bits"
              .formatted(end - 1, packed[end - 1] & 0xff, used));
    }
  }
}
