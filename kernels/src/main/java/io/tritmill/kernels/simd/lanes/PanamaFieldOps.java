package io.tritmill.kernels.simd.lanes;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The operations of {@link ScalarFieldOps} in vector registers, with the same bits.
 *
 * <p>Bytes are taken sixteen at a time, whatever a register holds: every machine has registers of
 * 128 bits, and the runs of a block are 16 or 32 codes long. Bytes are shifted as integers, since
 * no processor shifts bytes; what comes in from the byte above is masked away.
 */
final class PanamaFieldOps implements FieldOps {
  private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_128;
  private static final int WIDTH = BYTES.length();
  private static final int LANES = Species.LANES;
  private static final VectorSpecies<Byte> QUARTER_BYTES = Species.QUARTER_BYTES;

  @Override
  public void unpack(
      byte[] source, int offset, int groups, int bytes, int width, byte[] into, int at) {
    byte mask = (byte) ((1 << width) - 1);
    for (int group = 0; group < groups; group++) {
      int from = offset + group * bytes;
      int to = at + group * bytes * 8 / width;
      int i = 0;
      for (; i <= bytes - WIDTH; i += WIDTH) {
        ByteVector packed = ByteVector.fromArray(BYTES, source, from + i);
        packed.and(mask).intoArray(into, to + i);
        for (int shift = width, next = to + bytes; shift < 8; shift += width, next += bytes) {
          packed
              .reinterpretAsInts()
              .lanewise(VectorOperators.LSHR, shift)
              .reinterpretAsBytes()
              .and(mask)
              .intoArray(into, next + i);
        }
      }
      ScalarFieldOps.unpackFrom(i, source, from, bytes, width, into, to);
    }
  }

  @Override
  public void unpackAbove(
      byte[] source, int offset, int groups, int bytes, int width, int shift, byte[] into, int at) {
    byte mask = (byte) ((1 << width) - 1);
    byte below = (byte) ((1 << shift) - 1);
    for (int group = 0; group < groups; group++) {
      int from = offset + group * bytes;
      int to = at + group * bytes * 8 / width;
      int i = 0;
      for (; i <= bytes - WIDTH; i += WIDTH) {
        ByteVector packed = ByteVector.fromArray(BYTES, source, from + i);
        for (int bit = 0, next = to; bit < 8; bit += width, next += bytes) {
          ByteVector above =
              packed
                  .reinterpretAsInts()
                  .lanewise(VectorOperators.LSHR, bit)
                  .reinterpretAsBytes()
                  .and(mask)
                  .reinterpretAsInts()
                  .lanewise(VectorOperators.LSHL, shift)
                  .reinterpretAsBytes();
          ByteVector.fromArray(BYTES, into, next + i)
              .and(below)
              .or(above)
              .intoArray(into, next + i);
        }
      }
      ScalarFieldOps.unpackAboveFrom(i, source, from, bytes, width, shift, into, to);
    }
  }

  /** Bytes at even and at odd places are shorts of their own, so that three times one has room. */
  @Override
  public void unpackTernary(byte[] source, int offset, int bytes, int digits, byte[] into, int at) {
    int i = 0;
    for (; i <= bytes - WIDTH; i += WIDTH) {
      ShortVector pairs = ByteVector.fromArray(BYTES, source, offset + i).reinterpretAsShorts();
      ShortVector even = pairs.and((short) 255);
      ShortVector odd = pairs.lanewise(VectorOperators.LSHR, 8);
      for (int digit = 0, to = at + i; digit < digits; digit++, to += bytes) {
        even = even.mul((short) 3);
        odd = odd.mul((short) 3);
        even.lanewise(VectorOperators.LSHR, 8)
            .or(odd.and((short) 0xff00))
            .reinterpretAsBytes()
            .intoArray(into, to);
        even = even.and((short) 255);
        odd = odd.and((short) 255);
      }
    }
    ScalarFieldOps.unpackTernaryFrom(i, source, offset, bytes, digits, into, at);
  }

  @Override
  public void lookUp(byte[] table, byte[] codes, int at, int count) {
    ByteVector values = ByteVector.fromArray(BYTES, table, 0);
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      ByteVector.fromArray(BYTES, codes, at + i)
          .and((byte) 15)
          .selectFrom(values)
          .intoArray(codes, at + i);
    }
    for (; i < count; i++) {
      codes[at + i] = table[codes[at + i] & 15];
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
      FloatVector step = FloatVector.broadcast(Species.FLOATS, steps[run]);
      FloatVector subtracted = FloatVector.broadcast(Species.FLOATS, least[run]);
      int from = codesAt + run * length;
      int to = at + run * length;
      int i = 0;
      for (; i <= length - QUARTER_BYTES.length(); i += QUARTER_BYTES.length()) {
        ByteVector some = ByteVector.fromArray(QUARTER_BYTES, codes, from + i);
        floats(some, 0).sub(bias).mul(step).sub(subtracted).intoArray(into, to + i);
        if (LANES == 4) {
          floats(some, 1).sub(bias).mul(step).sub(subtracted).intoArray(into, to + i + LANES);
        }
      }
      ScalarFieldOps.scaleRun(
          codes, from + i, length - i, bias, steps[run], least[run], into, to + i);
    }
  }

  private static FloatVector floats(ByteVector bytes, int part) {
    return (FloatVector) bytes.convertShape(VectorOperators.B2F, Species.FLOATS, part);
  }
}
