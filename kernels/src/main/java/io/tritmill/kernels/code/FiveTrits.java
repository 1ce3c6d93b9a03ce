package io.tritmill.kernels.code;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Five trits in a byte: the byte is the sum of (trit[i] + 1) * 3^i over i = 0..4, so 0 to 242.
 *
 * <p>A plane is one run of trits over all its rows, padded at its end with zero trits; 1.6 bits a
 * weight. Rows do not begin at byte boundaries unless their width is a multiple of five.
 */
public final class FiveTrits {
  public static final int PER_BYTE = 5;

  /** Bytes from here on stand for no trits. */
  static final int CODES = 243;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long EACH_BYTE = 0x01_01_01_01_01L;

  /** 3^4, 3^3, ... 3^0 in ascending bytes. */
  private static final long POWERS = 81 | 27 << 8 | 9 << 16 | 3 << 24 | 1L << 32;

  /** The five trits of a byte as five bytes, the first lowest. */
  private static final long[] TRITS = new long[CODES];

  static {
    for (int code = 0; code < CODES; code++) {
      for (int i = 0, rest = code; i < PER_BYTE; i++, rest /= 3) {
        TRITS[code] |= (rest % 3 - 1 & 0xffL) << 8 * i;
      }
    }
  }

  private FiveTrits() {}

  /** Bytes for so many trits. */
  public static long bytes(long trits) {
    return Math.ceilDiv(trits, PER_BYTE);
  }

  /** Packs a run of trits, padded with zero trits. */
  public static byte[] pack(byte[] trits) {
    return pack(trits, 0, trits.length);
  }

  /**
   * Packs {@code trits[from, from + count)}, padded with zero trits.
   *
   * @throws IllegalArgumentException if one of them is not -1, 0 or 1
   */
  public static byte[] pack(byte[] trits, int from, int count) {
    byte[] packed = new byte[Math.toIntExact(bytes(count))];
    pack(trits, from, count, packed, 0);
    return packed;
  }

  /** The same into {@code into}, from {@code at} on. */
  public static void pack(byte[] trits, int from, int count, byte[] into, int at) {
    Objects.checkFromIndexSize(from, count, trits.length);
    Objects.checkFromIndexSize(at, (int) bytes(count), into.length);
    int end = from + count;
    int lastLong = Math.min(end - PER_BYTE, trits.length - Long.BYTES);
    int source = from;
    int target = at;
    long wrong = 0;
    for (; source <= lastLong; source += PER_BYTE) {
      // Adds 1 to each byte; masking the sign bits keeps a carry from the next byte.
      long five = (long) LONGS.get(trits, source) & 0xff * EACH_BYTE;
      long digits = (five & 0x7f * EACH_BYTE) + EACH_BYTE ^ five & 0x80 * EACH_BYTE;
      wrong |= digits & 0xfc * EACH_BYTE | digits & digits >>> 1 & EACH_BYTE;
      // Byte 4 of the product is the sum of digit[i] * 3^i; no lower byte reaches 256.
      into[target++] = (byte) (digits * POWERS >>> 32);
    }
    if (wrong != 0) {
      requireTrits(trits, from, source);
    }
    requireTrits(trits, source, end);
    for (; source < end; source += PER_BYTE) {
      int code = 0;
      for (int i = PER_BYTE - 1; i >= 0; i--) {
        code = 3 * code + 1 + (source + i < end ? trits[source + i] : 0);
      }
      into[target++] = (byte) code;
    }
  }

  /**
   * Looks at bytes of strangers before they are decoded.
   *
   * @throws IllegalArgumentException if one is above 242; the message says which
   */
  public static void requireCodes(byte[] packed) {
    for (int i = 0; i < packed.length; i++) {
      trits(packed, i);
    }
  }

  private static void requireTrits(byte[] trits, int from, int to) {
    for (int i = from; i < to; i++) {
      if (trits[i] < -1 || trits[i] > 1) {
        throw new IllegalArgumentException(
            "Trit %d is %d, expected -1, 0 or 1".formatted(i, trits[i]));
      }
    }
  }

  /**
   * Unpacks trits {@code [firstTrit, firstTrit + count)} of a run.
   *
   * @throws IllegalArgumentException if a byte among them is above 242; the message says which
   */
  public static void unpack(byte[] packed, long firstTrit, int count, byte[] into, int at) {
    unpack(packed, 0, firstTrit, count, into, at);
  }

  /** The same of a run that begins at byte {@code origin}. */
  static void unpack(byte[] packed, int origin, long firstTrit, int count, byte[] into, int at) {
    Objects.checkFromIndexSize(at, count, into.length);
    if (count == 0) {
      return;
    }
    int source = Math.toIntExact(origin + firstTrit / PER_BYTE);
    int last = Math.toIntExact(origin + (firstTrit + count - 1) / PER_BYTE);
    Objects.checkFromToIndex(source, last + 1, packed.length);
    int skip = (int) (firstTrit % PER_BYTE);
    int end = at + count;
    int to = at;
    if (skip > 0) {
      int head = Math.min(PER_BYTE - skip, count);
      spread(trits(packed, source++) >>> 8 * skip, head, into, to);
      to += head;
    }
    // Eight bytes are written and five of them meant: the next store, or the tail, covers the rest.
    for (; to <= end - Long.BYTES; to += PER_BYTE) {
      LONGS.set(into, to, trits(packed, source++));
    }
    while (to < end) {
      int tail = Math.min(PER_BYTE, end - to);
      spread(trits(packed, source++), tail, into, to);
      to += tail;
    }
  }

  /** How far the trits after the first {@code used} of a byte are from being zero. */
  static int padding(byte packed, int used) {
    int zeros = 0;
    int modulus = 1;
    for (int i = 0, power = 1; i < PER_BYTE; i++, power *= 3) {
      zeros += i < used ? 0 : power;
      modulus *= i < used ? 3 : 1;
    }
    return (packed & 0xff) / modulus * modulus - zeros;
  }

  private static long trits(byte[] packed, int position) {
    int code = packed[position] & 0xff;
    if (code >= CODES) {
      throw new IllegalArgumentException(
          "Byte %d is %d, expected at most 242 for five trits".formatted(position, code));
    }
    return TRITS[code];
  }

  private static void spread(long trits, int count, byte[] into, int at) {
    for (int i = 0; i < count; i++) {
      into[at + i] = (byte) (trits >>> 8 * i);
    }
  }
}
