package io.tritmill.kernels.code;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FiveTritsTest {
  @Test
  void goldenBytes() {
    // 2 * (1 + 3 + 9 + 27 + 81) = 242; 0 + 3 + 2 * 9 + 27 + 0 * 81 = 48; 2 + 3 + 9 + 27 + 81 = 122.
    byte[] trits = {1, 1, 1, 1, 1, -1, 0, 1, 0, -1, 1};
    assertArrayEquals(new byte[] {(byte) 242, 48, 122}, FiveTrits.pack(trits));
    assertArrayEquals(new byte[] {0}, FiveTrits.pack(new byte[] {-1, -1, -1, -1, -1}));
    assertArrayEquals(new byte[] {121, 121}, FiveTrits.pack(new byte[10]));
    assertArrayEquals(new byte[0], FiveTrits.pack(new byte[0]));
    assertEquals(1_000_000_001L, FiveTrits.bytes(5_000_000_001L));
  }

  @Property(tries = 300)
  void anyRunComesBack(
      @ForAll @IntRange(max = 70) int length,
      @ForAll @IntRange(max = 20) int before,
      @ForAll @IntRange(max = 20) int after,
      @ForAll Random random) {
    byte[] trits = trits(random, before + length + after);
    byte[] packed = FiveTrits.pack(trits, before, length);
    assertEquals((length + 4) / 5, packed.length);
    byte[] back = new byte[length];
    FiveTrits.unpack(packed, 0, length, back, 0);
    assertArrayEquals(Arrays.copyOfRange(trits, before, before + length), back);

    byte[] inPlace = new byte[packed.length + 3];
    FiveTrits.pack(trits, before, length, inPlace, 2);
    assertArrayEquals(packed, Arrays.copyOfRange(inPlace, 2, 2 + packed.length));
    assertEquals(0, inPlace[1] | inPlace[packed.length + 2]);
  }

  @Property(tries = 500)
  void anyPartOfARunComesBack(
      @ForAll @IntRange(min = 1, max = 120) int length, @ForAll Random random) {
    byte[] trits = trits(random, length);
    byte[] packed = FiveTrits.pack(trits);
    int first = random.nextInt(length + 1);
    int count = random.nextInt(length - first + 1);
    byte[] into = new byte[count + 9];
    Arrays.fill(into, (byte) 77);
    FiveTrits.unpack(packed, first, count, into, 4);
    byte[] expected = new byte[count + 9];
    Arrays.fill(expected, (byte) 77);
    System.arraycopy(trits, first, expected, 4, count);
    assertArrayEquals(expected, into);
  }

  @Test
  void bytesThatStandForNoTritsAreRefused() {
    for (int code = 243; code < 256; code++) {
      byte[] packed = {121, 121, 121, (byte) code, 121, 121, 121};
      int found = code;
      for (int first : new int[] {0, 14, 16, 19}) {
        IllegalArgumentException thrown =
            assertThrows(
                IllegalArgumentException.class,
                () -> FiveTrits.unpack(packed, first, 35 - first, new byte[35], 0));
        assertEquals(
            "Byte 3 is " + found + ", expected at most 242 for five trits", thrown.getMessage());
      }
    }
  }

  @Test
  void whatIsNoTritIsRefused() {
    for (byte wrong : new byte[] {2, 3, 127, -128, -2, -127, 126}) {
      for (int at : new int[] {0, 4, 7, 38, 39}) {
        byte[] trits = new byte[40];
        Arrays.fill(trits, (byte) -1);
        trits[at] = wrong;
        IllegalArgumentException thrown =
            assertThrows(IllegalArgumentException.class, () -> FiveTrits.pack(trits));
        assertEquals(
            "Trit %d is %d, expected -1, 0 or 1".formatted(at, wrong), thrown.getMessage());
      }
    }
  }

  @Test
  void rangesAreChecked() {
    assertThrows(
        IndexOutOfBoundsException.class, () -> FiveTrits.unpack(new byte[2], 5, 6, new byte[6], 0));
    assertThrows(
        IndexOutOfBoundsException.class, () -> FiveTrits.unpack(new byte[2], 0, 6, new byte[5], 0));
    assertThrows(IndexOutOfBoundsException.class, () -> FiveTrits.pack(new byte[5], 1, 5));
    assertThrows(
        IndexOutOfBoundsException.class, () -> FiveTrits.pack(new byte[6], 0, 6, new byte[2], 1));
  }

  static byte[] trits(Random random, int count) {
    byte[] trits = new byte[count];
    for (int i = 0; i < count; i++) {
      trits[i] = (byte) (random.nextInt(3) - 1);
    }
    return trits;
  }
}
