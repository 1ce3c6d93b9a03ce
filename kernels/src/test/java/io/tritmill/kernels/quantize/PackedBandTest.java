package io.tritmill.kernels.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PackedPlanes;
import io.tritmill.kernels.code.Packer;
import io.tritmill.kernels.code.ScaleStatistics;
import io.tritmill.kernels.code.TritCounts;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.code.UnusableWeightException;
import io.tritmill.kernels.quantize.round.Absmean;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.quantize.round.Twn;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.EncodedRows;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bands in blocks of rows against whole matrices. */
class PackedBandTest {
  private static final int WIDE = PackedBand.BLOCK_WEIGHTS / 7;

  @Property
  void bandsEndAtAByteOfTritsAndAreNoLargerThanTheyMustBe(
      @ForAll @IntRange(min = 1, max = 100_000) int columns,
      @ForAll @IntRange(min = 1, max = 1 << 22) int target) {
    int rows = PackedBand.rows(columns, target);

    assertTrue(rows >= 1);
    assertEquals(0, (long) rows * columns % 5);
    assertTrue((long) rows * columns <= Math.max(target, 5L * columns));
  }

  static Stream<Arguments> bands() {
    return Stream.of(
            new Absmean(Group.TENSOR),
            new Absmean(Group.of(128)),
            new Twn(Group.TENSOR, 0.7f),
            new Ptqtp(2, Group.of(128), false, 50),
            new Ptqtp(2, Group.ROW, true, 50))
        .flatMap(
            method ->
                Stream.of(
                    Arguments.of(method, 1, 3),
                    Arguments.of(method, 17, WIDE),
                    Arguments.of(method, 11, PackedBand.BLOCK_WEIGHTS + 1)));
  }

  @ParameterizedTest
  @MethodSource("bands")
  void blocksGiveWhatTheWholeGives(Quantizer method, int rows, int columns) {
    EncodedRows stored = random(rows, columns);
    Matrix whole = Matrix.zeros(rows, columns);
    stored.decode(0, rows, whole.values(), 0);
    LayerInputs inputs = LayerInputs.NONE;
    for (int pass = 0; pass < method.passes(); pass++) {
      double[] sums = method.observe(whole, inputs);
      assertArrayEquals(sums, PackedBand.observe(stored, method, inputs));
      inputs = inputs.with(sums);
    }
    TritPlanes planes = method.quantize(whole, inputs).planes();

    PackedBand band = PackedBand.of(stored, method, inputs);

    PackedPlanes expected = PackedPlanes.of(planes);
    assertArrayEquals(expected.trits(), band.tensor().pieces().get(0));
    assertArrayEquals(expected.scales(), band.tensor().pieces().get(1));
    assertEquals(TritCounts.of(planes, 0), band.planes().getFirst());
    assertEquals(ScaleStatistics.of(planes.scales(), planes.layout()), band.scales());
    ReconstructionError error = ReconstructionError.of(whole, planes);
    assertEquals(error.squaredError(), band.error().squaredError(), 1e-12 * error.squaredError());
    assertEquals(error.count(), band.error().count());
  }

  @Test
  void anErrorNamesTheRowOfTheBand() {
    Matrix weights = Matrix.zeros(17, WIDE);
    random(17, WIDE).decode(0, 17, weights.values(), 0);
    weights.values()[13 * WIDE + 4] = Float.NaN;
    byte[] bytes = new byte[4 * weights.values().length];
    DType.F32.encode(weights.values(), 0, bytes, 0, weights.values().length);
    EncodedRows stored = new EncodedRows(17, WIDE, DType.F32, bytes);
    Quantizer method = new Absmean(Group.TENSOR);

    assertTrue(PackedBand.rows(WIDE, PackedBand.BLOCK_WEIGHTS) < 13);
    UnusableWeightException observed =
        assertThrows(
            UnusableWeightException.class,
            () -> PackedBand.observe(stored, method, LayerInputs.NONE));
    UnusableWeightException solved =
        assertThrows(
            UnusableWeightException.class,
            () -> PackedBand.of(stored, new Absmean(Group.ROW), LayerInputs.NONE));
    assertEquals(13, observed.row());
    assertEquals(13, solved.row());
    assertEquals("found NaN in column 4, expected a finite weight", solved.reason());
  }

  @Test
  void aBuilderRefusesRowsThatDoNotFollow() {
    Quantizer method = new Absmean(Group.ROW);
    TritPlanes three = method.quantize(Matrix.zeros(3, 4)).planes();
    Packer builder = method.levels().packer(6, 4);
    builder.add(three);

    assertThrows(IllegalStateException.class, builder::build);
    assertThrows(IllegalArgumentException.class, () -> builder.add(three));
  }

  private static EncodedRows random(int rows, int columns) {
    Random random = new Random(rows);
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    byte[] bytes = new byte[2 * values.length];
    DType.BF16.encode(values, 0, bytes, 0, values.length);
    return new EncodedRows(rows, columns, DType.BF16, bytes);
  }
}
