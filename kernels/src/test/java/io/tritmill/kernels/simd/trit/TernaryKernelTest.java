package io.tritmill.kernels.simd.trit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The integers of the kernel in use, over runs of every length. */
class TernaryKernelTest {
  private final TernaryKernel kernel = TernaryChoice.KERNEL;
  private final SplittableRandom random = new SplittableRandom(7);

  @Test
  void sumsAreExactForRunsOfEveryLength() {
    for (int codes = 0; codes <= Math.min(60, kernel.longestRun()); codes++) {
      int columns = codes * kernel.tritsPerCode();
      check(codes, trits(columns), activations(columns, 127));
      check(codes, filled(columns, 1), alike(columns, 127));
      check(codes, filled(columns, -1), alike(columns, 127));
      check(codes, filled(columns, -1), alike(columns, -127));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 50, 126, 127})
  void sumsAreExactForActivationsOfEverySize(int largest) {
    int codes = kernel.longestRun();
    int columns = codes * kernel.tritsPerCode();
    for (int i = 0; i < 20; i++) {
      check(codes, trits(columns), activations(columns, largest));
    }
  }

  @Test
  void aBlockFillsItsBytesAndNoOthers() {
    int codes = 3;
    int bytes = kernel.blockBytes(codes);
    byte[] blocks = new byte[3 * bytes];
    kernel.encode(trits(codes * kernel.tritsPerCode()), codes, blocks, bytes);
    assertTrue(empty(blocks, 0, bytes));
    assertFalse(empty(blocks, bytes, 2 * bytes));
    assertTrue(empty(blocks, 2 * bytes, 3 * bytes));
  }

  private static boolean empty(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private void check(int codes, byte[] trits, byte[] activations) {
    int rows = kernel.rows();
    int columns = activations.length;
    int bytes = kernel.blockBytes(codes);
    byte[] block = new byte[bytes + 5];
    byte[] tables = new byte[kernel.tableBytes() * codes];
    byte[] shifted = new byte[columns + 3];
    System.arraycopy(activations, 0, shifted, 3, columns);
    kernel.encode(trits, codes, block, 5);
    kernel.tabulate(shifted, 3, codes, tables);
    int[] expected = new int[rows];
    for (int row = 0; row < rows; row++) {
      for (int c = 0; c < columns; c++) {
        expected[row] += trits[row * columns + c] * activations[c];
      }
    }
    int[] negated = Arrays.stream(expected).map(sum -> -sum).toArray();
    // One of the blocks that are looked up together is another one: that of the opposite trits.
    byte[] opposite = new byte[bytes];
    byte[] oppositeTrits = new byte[trits.length];
    for (int i = 0; i < trits.length; i++) {
      oppositeTrits[i] = (byte) -trits[i];
    }
    kernel.encode(oppositeTrits, codes, opposite, 0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment blocks = arena.allocate(2L * bytes + 8, 64);
      MemorySegment.copy(block, 5, blocks, ValueLayout.JAVA_BYTE, 1, bytes);
      MemorySegment.copy(opposite, 0, blocks, ValueLayout.JAVA_BYTE, bytes + 3L, bytes);
      int size = kernel.partialInts();
      int together = kernel.blocksAtOnce();
      int apart = kernel.partialInts() + 2;
      int[] partial = new int[3 + together * apart];
      long[] starts = new long[together];
      for (int other = 0; other < together; other++) {
        Arrays.fill(starts, 1);
        starts[other] = bytes + 3L;
        kernel.lookUp(blocks, starts, codes, tables, partial, 3, apart);
        for (int i = 0; i < together; i++) {
          checkWidened(i == other ? negated : expected, partial, 3 + i * apart);
        }
      }
    }
  }

  private void checkWidened(int[] expected, int[] partial, int at) {
    int rows = kernel.rows();
    int[] sums = new int[rows + 2];
    Arrays.fill(sums, -9);
    kernel.widen(partial, at, sums, 1);
    int[] surrounded = new int[rows + 2];
    System.arraycopy(expected, 0, surrounded, 1, rows);
    surrounded[0] = -9;
    surrounded[rows + 1] = -9;
    assertArrayEquals(surrounded, sums);
  }

  private byte[] trits(int columns) {
    byte[] trits = new byte[kernel.rows() * columns];
    for (int i = 0; i < trits.length; i++) {
      trits[i] = (byte) (random.nextInt(3) - 1);
    }
    return trits;
  }

  private byte[] filled(int columns, int trit) {
    byte[] trits = new byte[kernel.rows() * columns];
    Arrays.fill(trits, (byte) trit);
    return trits;
  }

  private byte[] activations(int columns, int largest) {
    byte[] activations = new byte[columns];
    for (int i = 0; i < columns; i++) {
      activations[i] = (byte) random.nextInt(-largest, largest + 1);
    }
    return activations;
  }

  private static byte[] alike(int columns, int value) {
    byte[] activations = new byte[columns];
    Arrays.fill(activations, (byte) value);
    return activations;
  }
}
