package io.tritmill.kernels.simd;

import io.tritmill.kernels.simd.lanes.FieldOps;
import io.tritmill.kernels.simd.lanes.Implementation;
import java.util.Objects;

/**
 * Small numbers that lie packed in bytes, one to a byte, and as floats: checks ranges, then runs
 * the fastest implementation there is.
 *
 * <p>A group of bytes holds fields of 1, 2 or 4 bits: its first codes are the lowest fields of its
 * bytes in order, the next codes the fields above those, and so on. Results do not depend on the
 * machine.
 */
public final class PackedFields {
  private static final FieldOps OPS = Implementation.FIELD_OPS;

  private PackedFields() {}

  /**
   * Writes every field of some groups as a byte of its own.
   *
   * @param bytes in a group, which gives {@code bytes * 8 / width} codes
   * @param width bits of a field: 1, 2 or 4
   */
  public static void unpack(
      byte[] source, int offset, int groups, int bytes, int width, byte[] into, int at) {
    check(source, offset, groups, bytes, width, into, at);
    OPS.unpack(source, offset, groups, bytes, width, into, at);
  }

  /**
   * Writes every field of some groups above the lowest bits of a code that is there already.
   *
   * @param shift how many bits of the code stay as they are; those above the field become 0
   */
  public static void unpackAbove(
      byte[] source, int offset, int groups, int bytes, int width, int shift, byte[] into, int at) {
    check(source, offset, groups, bytes, width, into, at);
    Objects.checkIndex(shift, 9 - width);
    OPS.unpackAbove(source, offset, groups, bytes, width, shift, into, at);
  }

  private static void check(
      byte[] source, int offset, int groups, int bytes, int width, byte[] into, int at) {
    if (width != 1 && width != 2 && width != 4) {
      throw new IllegalArgumentException("Fields of %d bits, expected 1, 2 or 4".formatted(width));
    }
    int all = Math.multiplyExact(groups, bytes);
    Objects.checkFromIndexSize(offset, all, source.length);
    Objects.checkFromIndexSize(at, Math.multiplyExact(all, 8 / width), into.length);
  }

  /**
   * Writes the leading digits in base 3 of fractions of 256, a byte to a fraction: the first digits
   * of all bytes, then the second ones, and so on.
   */
  public static void unpackTernary(
      byte[] source, int offset, int bytes, int digits, byte[] into, int at) {
    Objects.checkFromIndexSize(offset, bytes, source.length);
    Objects.checkFromIndexSize(at, Math.multiplyExact(bytes, digits), into.length);
    OPS.unpackTernary(source, offset, bytes, digits, into, at);
  }

  /**
   * Replaces codes by what they stand for: the low four bits of each count.
   *
   * @param table (16)
   */
  public static void lookUp(byte[] table, byte[] codes, int at, int count) {
    Objects.checkFromIndexSize(0, 16, table.length);
    Objects.checkFromIndexSize(at, count, codes.length);
    OPS.lookUp(table, codes, at, count);
  }

  /**
   * Codes as floats, run by run: {@code steps[r] * (code - bias) - least[r]}, each operation
   * rounded by itself.
   *
   * @param codes (runs, length) signed
   * @param steps (runs)
   * @param least (runs)
   * @param into (runs, length)
   */
  public static void scale(
      byte[] codes,
      int codesAt,
      int runs,
      int length,
      int bias,
      float[] steps,
      float[] least,
      float[] into,
      int at) {
    int count = Math.multiplyExact(runs, length);
    Objects.checkFromIndexSize(codesAt, count, codes.length);
    Objects.checkFromIndexSize(at, count, into.length);
    Objects.checkFromIndexSize(0, runs, Math.min(steps.length, least.length));
    OPS.scale(codes, codesAt, runs, length, bias, steps, least, into, at);
  }
}
