package io.tritmill.udf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.IntegerCodes;
import io.tritmill.kernels.code.IntegerLevels;
import io.tritmill.kernels.code.PackedMatrix;
import java.util.List;
import java.util.Random;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnpackIntegersTest {
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6, 7, 8})
  void whatWasPackedComesBack(int bits) {
    for (String group : new String[] {"row", "1", "13", "64"}) {
      for (int zero : new int[] {IntegerLevels.OF_GROUP, 1, 1 << bits - 1}) {
        IntegerCodes codes = random(new IntegerLevels(bits, Group.parse(group), zero), bits);
        PackedMatrix packed = codes.pack();
        float[] expected = new float[codes.rows() * codes.columns()];
        packed.decode(0, codes.rows(), expected, 0);
        List<byte[]> pieces = packed.pieces();
        byte[] zeros = pieces.size() > 2 ? pieces.get(2) : new byte[0];
        float[] found =
            UnpackIntegers.invoke(
                    pieces.get(0),
                    pieces.get(1),
                    zeros,
                    codes.rows(),
                    codes.columns(),
                    bits,
                    UTF8String.fromString(group),
                    zero)
                .toFloatArray();
        assertArrayEquals(expected, found);
      }
    }
  }

  private static IntegerCodes random(IntegerLevels levels, long seed) {
    Random random = new Random(seed);
    IntegerCodes codes = levels.zeros(7, 53);
    for (byte[] all : new byte[][] {codes.codes(), codes.zeros()}) {
      for (int i = 0; i < all.length; i++) {
        all[i] = (byte) random.nextInt(1 << levels.bits());
      }
    }
    for (int i = 0; i < codes.scales().length; i++) {
      codes.scales()[i] = Float.float16ToFloat((short) random.nextInt(0x7bff));
    }
    return codes;
  }

  @Test
  void bytesThatDoNotFitAreRefused() {
    UTF8String row = UTF8String.fromString("row");
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> UnpackIntegers.invoke(new byte[3], new byte[4], new byte[0], 2, 3, 4, row, 8));
    assertTrue(thrown.getMessage().contains("codes has 3 bytes, expected 4"));
    assertThrows(
        IllegalArgumentException.class,
        () -> UnpackIntegers.invoke(new byte[4], new byte[4], new byte[0], 2, 3, 4, row, -1));
    assertThrows(
        IllegalArgumentException.class,
        () -> UnpackIntegers.invoke(new byte[4], new byte[4], new byte[0], 2, 3, 9, row, 8));
  }
}
