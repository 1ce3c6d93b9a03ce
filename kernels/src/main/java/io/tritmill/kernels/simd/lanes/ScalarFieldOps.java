package io.tritmill.kernels.simd.lanes;

/** The definition of packed fields: plain loops. */
final class ScalarFieldOps implements FieldOps {
  @Override
  public void unpack(
      byte[] source, int offset, int groups, int bytes, int width, byte[] into, int at) {
    for (int group = 0; group < groups; group++) {
      unpackFrom(
          0, source, offset + group * bytes, bytes, width, into, at + group * bytes * 8 / width);
    }
  }

  /** One group without its first bytes. */
  static void unpackFrom(
      int first, byte[] source, int offset, int bytes, int width, byte[] into, int at) {
    int mask = (1 << width) - 1;
    int to = at;
    for (int shift = 0; shift < 8; shift += width) {
      for (int i = first; i < bytes; i++) {
        into[to + i] = (byte) (source[offset + i] >> shift & mask);
      }
      to += bytes;
    }
  }

  @Override
  public void unpackAbove(
      byte[] source, int offset, int groups, int bytes, int width, int shift, byte[] into, int at) {
    for (int group = 0; group < groups; group++) {
      unpackAboveFrom(
          0,
          source,
          offset + group * bytes,
          bytes,
          width,
          shift,
          into,
          at + group * bytes * 8 / width);
    }
  }

  static void unpackAboveFrom(
      int first, byte[] source, int offset, int bytes, int width, int shift, byte[] into, int at) {
    int mask = (1 << width) - 1;
    int below = (1 << shift) - 1;
    int to = at;
    for (int from = 0; from < 8; from += width) {
      for (int i = first; i < bytes; i++) {
        int field = source[offset + i] >> from & mask;
        into[to + i] = (byte) (into[to + i] & below | field << shift);
      }
      to += bytes;
    }
  }

  @Override
  public void unpackTernary(byte[] source, int offset, int bytes, int digits, byte[] into, int at) {
    unpackTernaryFrom(0, source, offset, bytes, digits, into, at);
  }

  static void unpackTernaryFrom(
      int first, byte[] source, int offset, int bytes, int digits, byte[] into, int at) {
    for (int i = first; i < bytes; i++) {
      int rest = source[offset + i] & 255;
      for (int digit = 0; digit < digits; digit++) {
        into[at + digit * bytes + i] = (byte) (rest * 3 >> 8);
        rest = rest * 3 & 255;
      }
    }
  }

  @Override
  public void lookUp(byte[] table, byte[] codes, int at, int count) {
    for (int i = at; i < at + count; i++) {
      codes[i] = table[codes[i] & 15];
    }
  }

  @Override
  public void scale(
      byte[] codes,
      int codesAt,
      int runs,
      int length,
      int bias,
      float[] steps,
      float[] least,
      float[] into,
      int at) {
    for (int run = 0; run < runs; run++) {
      int from = run * length;
      scaleRun(codes, codesAt + from, length, bias, steps[run], least[run], into, at + from);
    }
  }

  static void scaleRun(
      byte[] codes,
      int codesAt,
      int count,
      int bias,
      float step,
      float least,
      float[] into,
      int at) {
    for (int i = 0; i < count; i++) {
      into[at + i] = step * (codes[codesAt + i] - bias) - least;
    }
  }
}
