package io.tritmill.kernels.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.simd.ByteRows;
import io.tritmill.kernels.simd.TernaryMatrix;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Products with packed tensors against sums over the planes that were packed. */
class TernaryLayoutTest {
  private static final Group[] GROUPS = {
    Group.ROW, Group.TENSOR, Group.of(1), Group.of(7), Group.of(64), Group.of(128), Group.of(1000)
  };

  @Property(tries = 150)
  void productsAreThoseOfThePlanes(
      @ForAll @IntRange(min = 1, max = 70) int rows,
      @ForAll @IntRange(min = 1, max = 300) int columns,
      @ForAll @IntRange(min = 1, max = 3) int count,
      @ForAll @IntRange(max = 6) int group,
      @ForAll boolean tied,
      @ForAll Random random) {
    TritPlanes planes = random(rows, columns, new PlaneLayout(count, GROUPS[group], tied), random);
    float[] a = new float[2 * columns];
    for (int i = 0; i < a.length; i++) {
      a[i] = (float) random.nextGaussian();
    }
    ByteRows x = ByteRows.quantize(2, columns, a);
    TernaryMatrix matrix = TernaryLayout.of(PackedPlanes.of(planes));
    assertEquals(rows, matrix.rows());
    assertEquals(columns, matrix.columns());
    float[] y = new float[2 * rows];
    matrix.multiply(x, y);
    for (int token = 0; token < 2; token++) {
      for (int row = 0; row < rows; row++) {
        assertEquals(product(planes, row, x, token), y[token * rows + row]);
      }
    }
  }

  @Property(tries = 50)
  void productsOfRowsOfDifferentPlanesAreThoseOfThePlanes(
      @ForAll @IntRange(min = 1, max = 70) int rows,
      @ForAll @IntRange(min = 1, max = 300) int columns,
      @ForAll Random random) {
    byte[] counts = new byte[rows];
    for (int row = 0; row < rows; row++) {
      counts[row] = (byte) (1 + random.nextInt(3));
    }
    PlaneLayout layout = PlaneLayout.byRow(new PlaneCounts(counts), Group.of(64));
    TritPlanes planes = random(rows, columns, layout, random);
    for (int row = 0; row < rows; row++) {
      for (int plane = 0; plane < layout.firstPlane(row); plane++) {
        Arrays.fill(planes.trits()[plane], row * columns, (row + 1) * columns, (byte) 0);
      }
    }
    float[] a = new float[columns];
    for (int i = 0; i < a.length; i++) {
      a[i] = (float) random.nextGaussian();
    }
    ByteRows x = ByteRows.quantize(1, columns, a);
    float[] y = new float[rows];
    TernaryLayout.of(PackedPlanes.of(planes)).multiply(x, y);
    for (int row = 0; row < rows; row++) {
      assertEquals(product(planes, row, x, 0), y[row]);
    }
  }

  @Test
  void aTensorOfOneScaleAndFourLevels() {
    byte[][] trits = {{1, -1, 0, 1, 1, -1}, {0, 0, 1, 1, -1, -1}};
    PlaneLayout layout = new PlaneLayout(2, Group.TENSOR, true);
    TritPlanes planes = new TritPlanes(2, 3, layout, trits, new float[] {0.5f});
    ByteRows x = ByteRows.of(1, 3, new byte[] {1, 10, 100}, new float[] {2});
    float[] y = new float[2];
    TernaryLayout.of(PackedPlanes.of(planes)).multiply(x, y);
    // Levels 3 -3 1 and 4 2 -4.
    assertEquals(3 - 30 + 100, y[0]);
    assertEquals(4 + 20 - 400, y[1]);
  }

  @Test
  void aByteThatStandsForNoTritsIsNamed() {
    PackedPlanes packed =
        new PackedPlanes(
            1,
            10,
            new PlaneLayout(1, Group.ROW, false),
            new byte[] {121, (byte) 243},
            new byte[] {0, 0x3c});
    var error = assertThrows(IllegalArgumentException.class, () -> TernaryLayout.of(packed));
    assertTrue(error.getMessage().contains("Byte 1 is 243"), error.getMessage());
  }

  private static float product(TritPlanes planes, int row, ByteRows x, int token) {
    int columns = planes.columns();
    PlaneLayout layout = planes.layout();
    int width = layout.group().width(columns);
    float y = 0;
    for (int begin = 0, group = 0; begin < columns; begin += width, group++) {
      int tied = 0;
      for (int plane = 0; plane < layout.planes(); plane++) {
        int sum = 0;
        for (int c = begin; c < Math.min(columns, begin + width); c++) {
          sum += planes.trits()[plane][row * columns + c] * x.value(token, c);
        }
        tied += layout.factor(plane) * sum;
        if (!layout.tied()) {
          y = Math.fma(planes.scale(row, group, plane), (float) sum, y);
        }
      }
      if (layout.tied()) {
        y = Math.fma(planes.scale(row, group, layout.planes() - 1), (float) tied, y);
      }
    }
    return y * x.scale(token);
  }

  private static TritPlanes random(int rows, int columns, PlaneLayout layout, Random random) {
    byte[][] trits = new byte[layout.planes()][rows * columns];
    for (byte[] plane : trits) {
      for (int i = 0; i < plane.length; i++) {
        plane[i] = (byte) (random.nextInt(3) - 1);
      }
    }
    float[] scales = new float[Math.toIntExact(layout.scales(rows, columns))];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = Float.float16ToFloat(Float.floatToFloat16(random.nextFloat()));
    }
    return new TritPlanes(rows, columns, layout, trits, scales);
  }
}
