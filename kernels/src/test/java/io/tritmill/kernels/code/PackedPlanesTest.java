package io.tritmill.kernels.code;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PackedPlanesTest {
  private static final PlaneLayout LAYOUT = new PlaneLayout(2, Group.of(2), false);

  /** Two planes of 2 x 3 in groups of two columns: a byte and a digit a plane. */
  private static final TritPlanes SMALL =
      new TritPlanes(
          2,
          3,
          LAYOUT,
          new byte[][] {{1, -1, 0, 1, 1, -1}, {0, 0, 1, 0, -1, 1}},
          new float[] {1, 0.5f, 2, 1, 0, 0, 1.5f, 0.25f});

  @Test
  void goldenBytes() {
    PackedPlanes packed = PackedPlanes.of(SMALL);
    // Plane 0: digits 2 0 1 2 2 | 0 1 1 1 1, plane 1: 1 1 2 1 0 | 2 1 1 1 1.
    assertArrayEquals(
        new byte[] {(byte) (2 + 9 + 54 + 162), 120, 1 + 3 + 18 + 27, 122}, packed.trits());
    // Halves: 1 = 3c00, 0.5 = 3800, 2 = 4000, 1.5 = 3e00, 0.25 = 3400.
    byte[] scales = {0, 0x3c, 0, 0x38, 0, 0x40, 0, 0x3c, 0, 0, 0, 0, 0, 0x3e, 0, 0x34};
    assertArrayEquals(scales, packed.scales());
    assertEquals(8 * (4 + 16), packed.bits());
    assertEquals(160 / 6.0, packed.bitsPerWeight());
    float[] decoded = new float[6];
    packed.decode(0, 2, decoded, 0);
    assertArrayEquals(new float[] {1, -1, 1, 0, 0, -1.25f}, decoded);
  }

  @Property(tries = 300)
  void decodesAsThePlanesDo(
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 61) int columns,
      @ForAll @IntRange(min = 1, max = 3) int count,
      @ForAll boolean tied,
      @ForAll Random random) {
    TritPlanes planes = random(rows, columns, count, tied, random);
    PackedPlanes packed = PackedPlanes.of(planes);
    assertEquals(rows, packed.rows());
    assertEquals(columns, packed.columns());
    int first = random.nextInt(rows + 1);
    int band = random.nextInt(rows - first + 1);
    float[] expected = new float[band * columns + 3];
    float[] found = new float[band * columns + 3];
    planes.decode(first, band, expected, 2);
    packed.decode(first, band, found, 2);
    for (int i = 0; i < found.length; i++) {
      assertEquals(Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(found[i]));
    }
    TritPlanes back = packed.unpack();
    assertEquals(planes.layout(), back.layout());
    assertArrayEquals(planes.trits(), back.trits());
    assertArrayEquals(planes.scales(), back.scales());
  }

  @Property(tries = 300)
  void rowsOfDifferentPlanesDecodeAsThePlanesDo(
      @ForAll @IntRange(min = 1, max = 13) int rows,
      @ForAll @IntRange(min = 1, max = 61) int columns,
      @ForAll Random random) {
    TritPlanes planes = randomByRow(rows, columns, random);
    PackedPlanes packed = PackedPlanes.of(planes);
    int first = random.nextInt(rows + 1);
    int band = random.nextInt(rows - first + 1);
    float[] expected = new float[band * columns + 3];
    float[] found = new float[band * columns + 3];
    planes.decode(first, band, expected, 2);
    packed.decode(first, band, found, 2);
    assertArrayEquals(expected, found);
    TritPlanes back = packed.unpack();
    assertArrayEquals(planes.trits(), back.trits());
    assertArrayEquals(planes.scales(), back.scales());
    long bytes = packed.scales().length + packed.counts().length;
    for (int plane = 0; plane < planes.layout().planes(); plane++) {
      TritCounts counts = TritCounts.of(planes, plane);
      assertEquals((long) planes.layout().rowsOf(plane, rows) * columns, counts.total());
      bytes += FiveTrits.bytes(counts.total());
    }
    assertEquals(8 * bytes, packed.bits());
    if (planes.layout().byRow()) {
      PlaneCounts counts = FourCounts.unpack(packed.counts(), rows);
      assertEquals(planes.layout().counts(), counts);
      PlaneLayout read =
          new PlaneLayout(counts.most(), planes.layout().group(), true, counts, false);
      assertEquals(planes.layout(), read);
    } else {
      assertEquals(0, packed.counts().length);
    }
  }

  @Test
  void goldenBytesOfRowsOfDifferentPlanes() {
    PlaneCounts counts = new PlaneCounts(new byte[] {1, 3, 2, 1, 1});
    byte[][] trits = {
      {0, 0, 0, 1, -1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0},
      {0, 0, 0, 0, 1, 1, -1, 0, 1, 0, 0, 0, 0, 0, 0},
      {1, 1, 1, 0, 0, 1, 1, 1, -1, -1, 0, 1, 0, 0, 0}
    };
    PlaneLayout layout = PlaneLayout.byRow(counts, Group.ROW);
    PackedPlanes packed =
        PackedPlanes.of(new TritPlanes(5, 3, layout, trits, new float[] {1, 1, 1, 0.5f, 0}));
    assertArrayEquals(
        new byte[] {
          // Plane 0 of row 1: digits 2 0 2 1 1.
          (byte) (2 + 2 * 9 + 27 + 81),
          // Plane 1 of rows 1 and 2: 1 2 2 0 1 | 2 1 1 1 1.
          (byte) (1 + 6 + 18 + 81),
          122,
          // Plane 2 of all rows: 2 2 2 1 1 | 2 2 2 0 0 | 1 2 1 1 1.
          (byte) (26 + 27 + 81),
          26,
          124
        },
        packed.trits());
    assertArrayEquals(new byte[] {1 + (3 << 2) + (2 << 4) + (1 << 6), 1}, packed.counts());
    assertEquals(8 * (6 + 10 + 2), packed.bits());
    float[] decoded = new float[15];
    packed.decode(0, 5, decoded, 0);
    float[] expected = {1, 1, 1, 9, -6, 13, -2, 1, 2, -0.5f, 0, 0.5f, 0, 0, 0};
    assertArrayEquals(expected, decoded);
  }

  @Test
  void rowsWithAsManyPlanesAreStoredAsEver() {
    TritPlanes planes = random(7, 11, 2, true, new Random(1));
    PlaneLayout layout =
        PlaneLayout.byRow(new PlaneCounts(new byte[] {2, 2, 2, 2, 2, 2, 2}), Group.of(7));
    assertEquals(new PlaneLayout(2, Group.of(7), true), layout);
    float[] scales = Arrays.copyOf(new float[] {1, 2, 0.5f}, 14);
    PackedPlanes packed = PackedPlanes.of(new TritPlanes(7, 11, layout, planes.trits(), scales));
    assertEquals(2 * FiveTrits.bytes(77), packed.trits().length);
    assertEquals(0, packed.counts().length);
  }

  @Test
  void countsThatAreNoneAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> FourCounts.unpack(new byte[] {1}, 5));
    assertThrows(IllegalArgumentException.class, () -> FourCounts.unpack(new byte[] {1}, 2));
    assertThrows(IllegalArgumentException.class, () -> FourCounts.unpack(new byte[] {0x15}, 2));
    PlaneCounts counts = new PlaneCounts(new byte[] {1, 2});
    assertThrows(
        IllegalArgumentException.class, () -> new PlaneLayout(3, Group.ROW, true, counts, false));
    assertThrows(
        IllegalArgumentException.class, () -> new PlaneLayout(2, Group.ROW, false, counts, false));
    PlaneLayout layout = PlaneLayout.byRow(counts, Group.ROW);
    byte[][] trits = {{1, 0}, {1, 1}};
    TritPlanes wrong = new TritPlanes(2, 1, layout, trits, new float[] {1, 1});
    assertThrows(IllegalArgumentException.class, () -> PackedPlanes.of(wrong));
    assertThrows(
        IllegalArgumentException.class,
        () -> new TritPlanes(1, 1, layout, new byte[2][1], new float[1]));
  }

  private static TritPlanes randomByRow(int rows, int columns, Random random) {
    byte[] planes = new byte[rows];
    for (int row = 0; row < rows; row++) {
      planes[row] = (byte) (1 + random.nextInt(3));
    }
    Group[] groups = {Group.ROW, Group.of(1), Group.of(7), Group.of(32)};
    PlaneLayout layout = PlaneLayout.byRow(new PlaneCounts(planes), groups[random.nextInt(4)]);
    byte[][] trits = new byte[layout.planes()][];
    for (int plane = 0; plane < trits.length; plane++) {
      trits[plane] = FiveTritsTest.trits(random, rows * columns);
      for (int row = 0; row < rows; row++) {
        if (layout.firstPlane(row) > plane) {
          Arrays.fill(trits[plane], row * columns, (row + 1) * columns, (byte) 0);
        }
      }
    }
    float[] scales = new float[Math.toIntExact(layout.scales(rows, columns))];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = Float.float16ToFloat(Float.floatToFloat16((float) random.nextGaussian()));
    }
    return new TritPlanes(rows, columns, layout, trits, scales);
  }

  @Property(tries = 100)
  void bandsOfMultiplesOfFiveWeightsJoin(
      @ForAll @IntRange(min = 1, max = 30) int columns, @ForAll Random random) {
    TritPlanes planes = random(13, columns, 2, false, random);
    PackedPlanes whole = PackedPlanes.of(planes);
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] plane : planes.trits()) {
      for (int row = 0; row < 13; row += 5) {
        int rows = Math.min(5, 13 - row);
        joined.writeBytes(FiveTrits.pack(plane, row * columns, rows * columns));
      }
    }
    assertArrayEquals(whole.trits(), joined.toByteArray());
  }

  @Test
  void noFlippedBitGoesUnnoticed() {
    PackedPlanes packed = PackedPlanes.of(SMALL);
    float[] before = new float[6];
    packed.decode(0, 2, before, 0);
    for (int bit = 0; bit < 8 * packed.trits().length; bit++) {
      byte[] trits = flipped(packed.trits(), bit);
      assertRefusedOrDifferent(trits, packed.scales(), before);
    }
    // A scale of zero may change its sign unseen: it multiplies trits that may be zero.
    for (int bit : new int[] {0, 9, 10, 14, 15, 8 * 12 + 9, 8 * 15 + 7}) {
      assertRefusedOrDifferent(packed.trits(), flipped(packed.scales(), bit), before);
    }
  }

  private static byte[] flipped(byte[] bytes, int bit) {
    byte[] copy = bytes.clone();
    copy[bit / 8] ^= (byte) (1 << bit % 8);
    return copy;
  }

  private static void assertRefusedOrDifferent(byte[] trits, byte[] scales, float[] before) {
    float[] after = new float[before.length];
    byte[][] planes;
    try {
      PackedPlanes broken = new PackedPlanes(2, 3, LAYOUT, trits, scales);
      broken.decode(0, 2, after, 0);
      planes = broken.unpack().trits();
    } catch (IllegalArgumentException refused) {
      assertTrue(refused.getMessage().matches("(Byte|Scale) .*expected .*"), refused.getMessage());
      return;
    }
    if (Arrays.equals(before, after)) {
      // Only where a trit is multiplied by a scale of zero.
      assertNotEquals(Arrays.deepToString(SMALL.trits()), Arrays.deepToString(planes));
    }
  }

  @Test
  void sizesAreChecked() {
    PackedPlanes packed = PackedPlanes.of(SMALL);
    byte[] trits = packed.trits();
    byte[] scales = packed.scales();
    assertEquals(
        "2 planes of 2 x 3 trits need 4 bytes, found 3",
        refused(2, 3, Arrays.copyOf(trits, 3), scales));
    assertEquals(
        "The scales of 2 x 3 in groups of 2 need 16 bytes, found 15",
        refused(2, 3, trits, Arrays.copyOf(scales, 15)));
    assertEquals(
        "A tensor has at least 0 rows and 1 column, found 2 x 0", refused(2, 0, trits, scales));
    assertTrue(refused(Integer.MAX_VALUE, 3, trits, scales).startsWith("2 planes of"));
  }

  @Test
  void rowsAndRoomAreChecked() {
    PackedPlanes packed = PackedPlanes.of(SMALL);
    assertThrows(IndexOutOfBoundsException.class, () -> packed.decode(1, 2, new float[6], 0));
    assertThrows(IndexOutOfBoundsException.class, () -> packed.decode(0, 2, new float[6], 1));
  }

  private static String refused(int rows, int columns, byte[] trits, byte[] scales) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> new PackedPlanes(rows, columns, LAYOUT, trits, scales))
        .getMessage();
  }

  private static TritPlanes random(int rows, int columns, int planes, boolean tied, Random random) {
    Group[] groups = {Group.TENSOR, Group.ROW, Group.of(1), Group.of(7), Group.of(32)};
    PlaneLayout layout = new PlaneLayout(planes, groups[random.nextInt(groups.length)], tied);
    byte[][] trits = new byte[planes][];
    for (int plane = 0; plane < planes; plane++) {
      trits[plane] = FiveTritsTest.trits(random, rows * columns);
    }
    float[] scales = new float[Math.toIntExact(layout.scales(rows, columns))];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = Float.float16ToFloat(Float.floatToFloat16((float) random.nextGaussian()));
    }
    return new TritPlanes(rows, columns, layout, trits, scales);
  }

  @Test
  void shiftsAreStoredAfterTheScalesOfTheirGroupAndAddedLast() {
    PlaneLayout layout = new PlaneLayout(2, Group.of(2), false).withShift();
    byte[][] trits = {{1, -1, 0, 0, 1, 1}, {0, 1, -1, 0, 0, 1}};
    float[] scales = {2, 0.5f, -0.25f, 4, 1, 0.125f, 2, 1, 0.75f, 8, 0.5f, -3};
    TritPlanes planes = new TritPlanes(2, 3, layout, trits, scales);
    float[] expected = {1.75f, -1.75f, -0.875f, 0.75f, 2.75f, 5.5f};
    float[] decoded = new float[6];

    planes.decode(0, 2, decoded, 0);
    assertArrayEquals(expected, decoded);
    PackedPlanes packed = PackedPlanes.of(planes);
    packed.decode(0, 2, decoded, 0);
    assertArrayEquals(expected, decoded);
    assertEquals(8 * (2 * 2 + 24), packed.bits());
    assertArrayEquals(scales, packed.unpack().scales());
    assertThrows(IllegalArgumentException.class, () -> TernaryLayout.of(packed));
    assertThrows(
        IllegalArgumentException.class, () -> new PlaneLayout(1, Group.TENSOR, false).withShift());
  }
}
