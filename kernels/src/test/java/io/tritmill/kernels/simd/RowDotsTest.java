package io.tritmill.kernels.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.kernels.parallel.Cores;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowDotsTest {
  @ParameterizedTest
  @CsvSource({"1, 1", "5, 13", "33, 207", "70, 64", "3, 5000", "2000, 4099", "0, 8"})
  void everyElementIsTheDotOfItsRowWhateverCoresThereAre(int rows, int columns) {
    Random random = new Random(3);
    Matrix w = Matrix.zeros(rows, columns);
    float[] x = new float[columns];
    for (int i = 0; i < w.values().length; i++) {
      w.values()[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < columns; i++) {
      x[i] = (float) random.nextGaussian();
    }
    float[] found = new float[rows];
    RowDots.multiply(x, w, found);
    for (int row = 0; row < rows; row++) {
      assertEquals(Simd.dot(x, 0, w.values(), row * columns, columns), found[row], "row " + row);
    }
    float[] shared = new float[rows];
    Cores.lend(
        3,
        () -> {
          RowDots.multiply(x, w, shared);
          return null;
        });
    assertArrayEquals(found, shared);
  }

  @Test
  void tooLittleRoomIsRefused() {
    Matrix w = Matrix.zeros(4, 3);
    assertThrows(
        IndexOutOfBoundsException.class, () -> RowDots.multiply(new float[2], w, new float[4]));
    assertThrows(
        IndexOutOfBoundsException.class, () -> RowDots.multiply(new float[3], w, new float[3]));
  }
}
