package io.tritmill.udf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PackedPlanes;
import io.tritmill.kernels.code.PlaneCounts;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.TritPlanes;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.spark.unsafe.types.UTF8String;

/** The plain loops of the SQL function and the fast ones of the kernels read the same weights. */
class UnpackTritsTest {
  @Property(tries = 300)
  void agreesWithPackedTensor(
      @ForAll @IntRange(min = 1, max = 7) int rows,
      @ForAll @IntRange(min = 1, max = 23) int columns,
      @ForAll @IntRange(min = 1, max = 3) int planes,
      @ForAll @IntRange(min = -1, max = 9) int group,
      @ForAll boolean tied,
      @ForAll boolean shifted,
      @ForAll long seed) {
    Group sharing = group == -1 ? Group.TENSOR : group == 0 ? Group.ROW : Group.of(group);
    PlaneLayout plain = new PlaneLayout(planes, sharing, tied);
    PlaneLayout layout = shifted && group >= 0 ? plain.withShift() : plain;
    PackedPlanes packed = PackedPlanes.of(random(rows, columns, layout, new Random(seed)));
    float[] expected = new float[rows * columns];
    packed.decode(0, rows, expected, 0);

    float[] found =
        UnpackTrits.invoke(
                packed.trits(),
                packed.scales(),
                rows,
                columns,
                planes,
                UTF8String.fromString(sharing.toString()),
                tied)
            .toFloatArray();

    assertArrayEquals(expected, found);
  }

  @Property(tries = 300)
  void agreesWithPackedTensorWhereRowsDiffer(
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 23) int columns,
      @ForAll @IntRange(min = 0, max = 9) int group,
      @ForAll long seed) {
    Random random = new Random(seed);
    byte[] counts = new byte[rows + 2];
    for (int row = 0; row < counts.length; row++) {
      counts[row] = (byte) (row < 2 ? row + 1 : 1 + random.nextInt(3));
    }
    Group sharing = group == 0 ? Group.ROW : Group.of(group);
    PlaneLayout layout = PlaneLayout.byRow(new PlaneCounts(counts), sharing);
    TritPlanes planes = random(counts.length, columns, layout, random);
    for (int plane = 0; plane < layout.planes(); plane++) {
      for (int row = 0; row < counts.length; row++) {
        if (layout.firstPlane(row) > plane) {
          int begin = row * columns;
          Arrays.fill(planes.trits()[plane], begin, begin + columns, (byte) 0);
        }
      }
    }
    PackedPlanes packed = PackedPlanes.of(planes);
    float[] expected = new float[counts.length * columns];
    packed.decode(0, counts.length, expected, 0);

    float[] found =
        UnpackRowTrits.invoke(
                packed.trits(),
                packed.scales(),
                packed.counts(),
                counts.length,
                columns,
                layout.planes(),
                UTF8String.fromString(sharing.toString()))
            .toFloatArray();

    assertArrayEquals(expected, found);
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
      scales[i] = Float.float16ToFloat(Float.floatToFloat16(random.nextFloat() + 0.01f));
    }
    return new TritPlanes(rows, columns, layout, trits, scales);
  }
}
