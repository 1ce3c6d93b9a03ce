package io.tritmill.jobs.bench;

import io.tritmill.jobs.bench.Costs.Place;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PackedPlanes;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.round.Absmean;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.simd.ByteRows;
import io.tritmill.kernels.simd.Simd;
import io.tritmill.kernels.simd.TernaryMatrix;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.EncodedRows;
import io.tritmill.kernels.tensor.Matrix;
import java.util.List;
import java.util.stream.Stream;

/**
 * Every kernel that is measured: to add one, add its probe to the list.
 *
 * <p>Operations and bytes of a probe are what its definition needs, not what its code does, so that
 * a share of one would be a kernel that cannot be improved.
 */
final class Probes {
  /** Two planes with a scale each: 14 turns on average. */
  static final Probe TWO_PLANES =
      // In each a comparison, a count and a sum for four thresholds, and in the end a comparison
      // and
      // a selection for each.
      quantizer(
          "ptqtp", "2 planes, group 128", new Ptqtp(2, Group.of(128), false, 50), 14 * 12 + 8);

  /** All of them, in the order of the table. */
  static final List<Probe> ALL =
      Stream.of(
              ProductProbes.ALL,
              LinearAlgebraProbes.ALL,
              weightProbes(),
              GenerationProbes.ALL,
              elementProbes())
          .flatMap(List::stream)
          .toList();

  /** Rows that fit into the second cache twice; one call each, as for the rows of a matrix. */
  private static final int ROWS = 64;

  private static final int COLUMNS = 1024;
  private static final int ELEMENTS = ROWS * COLUMNS;

  private Probes() {}

  private static List<Probe> weightProbes() {
    return List.of(
        TWO_PLANES,
        // Seven comparisons to sort 128 magnitudes, their running sum, and the codes in the end.
        quantizer(
            "ptqtp tied", "2 planes, group 128", new Ptqtp(2, Group.of(128), true, 50), 7 + 2 + 8),
        new Probe("ternary rounding", "bf16 to packed, absmean", Unit.MWEIGHT, Probes::rounding),
        new Probe(
            "ternary product",
            "1 plane, 1 int8 token, 32768 x 4096",
            Unit.GWEIGHT,
            () -> ternary(1)),
        new Probe(
            "ternary product",
            "1 plane, 8 int8 tokens, 32768 x 4096",
            Unit.GWEIGHT,
            () -> ternary(8)),
        new Probe("pack", "2 planes", Unit.MWEIGHT, Probes::pack),
        new Probe("unpack", "2 planes to f32", Unit.MWEIGHT, Probes::unpack));
  }

  private static List<Probe> elementProbes() {
    return List.of(
        new Probe("bf16 to f32", "64 rows of 1024", Unit.GBYTE, () -> decode(DType.BF16)),
        new Probe("f16 to f32", "64 rows of 1024", Unit.GBYTE, () -> decode(DType.F16)),
        new Probe("dot", "64 rows of 1024", Unit.GBYTE, Probes::dot),
        new Probe("squared error", "64 rows of 1024", Unit.GBYTE, Probes::squaredError));
  }

  private static Probe quantizer(String kernel, String shape, Quantizer method, int operations) {
    return new Probe(kernel, shape, Unit.MWEIGHT, () -> quantizing(method, operations));
  }

  private static Work quantizing(Quantizer method, int operations) {
    Matrix weight = RandomOperands.matrix(64, 4096);
    int bytes = Float.BYTES + method.levels().codeBytes();
    return new Work(
        Costs.ofWeights(weight.values().length, operations, bytes, Place.CACHE),
        () -> method.quantize(weight, LayerInputs.NONE).rows());
  }

  private static Work rounding() {
    EncodedRows stored = RandomOperands.encoded(512, 4096, DType.BF16);
    Quantizer method = new Absmean(Group.TENSOR);
    // Widen; the magnitude's sum in double; compare and select; pack.
    Costs costs = Costs.ofWeights(512 * 4096, 1 + 6 + 2 + 1, 2 + 0.2, Place.MEMORY);
    return new Work(
        costs,
        () -> {
          Matrix weight = Matrix.zeros(stored.rows(), stored.columns());
          stored.decode(0, stored.rows(), weight.values(), 0);
          return PackedPlanes.of(method.quantize(weight).planes()).trits()[0];
        });
  }

  private static Work ternary(int tokens) {
    TernaryMatrix trits = TernaryMatrix.of(RandomTrits.of(32_768, 4096));
    ByteRows x =
        ByteRows.quantize(tokens, trits.columns(), RandomOperands.floats(tokens * trits.columns()));
    float[] y = new float[tokens * trits.rows()];
    double weights = (double) trits.rows() * trits.columns();
    // An addition for four trits, in lanes of a byte, of which a float has four.
    double operations = tokens * weights / 16;
    return new Work(
        new Costs(tokens * weights, operations, 0.2 * weights, Place.MEMORY),
        () -> {
          trits.multiply(x, y);
          return y[0];
        });
  }

  private static Work pack() {
    TritPlanes planes = twoPlanes();
    Costs costs = Costs.ofWeights(planes.rows() * planes.columns(), 0, 2 * 1.2, Place.CACHE);
    return new Work(costs, () -> PackedPlanes.of(planes).trits()[0]);
  }

  private static Work unpack() {
    PackedPlanes packed = PackedPlanes.of(twoPlanes());
    float[] into = new float[packed.rows() * packed.columns()];
    // For each plane a conversion and a multiply-add.
    Costs costs = Costs.ofWeights(into.length, 2 * 2, Float.BYTES + 2 * 0.2, Place.CACHE);
    return new Work(
        costs,
        () -> {
          packed.decode(0, packed.rows(), into, 0);
          return into[0];
        });
  }

  private static TritPlanes twoPlanes() {
    return new Ptqtp(2, Group.of(128), false, 5).quantize(RandomOperands.matrix(16, 4096)).planes();
  }

  private static Work decode(DType type) {
    EncodedRows stored = RandomOperands.encoded(ROWS, COLUMNS, type);
    float[] into = new float[ELEMENTS];
    return new Work(
        Costs.ofElements(ELEMENTS, 1, type.bytes() + Float.BYTES, Place.CACHE),
        () -> {
          for (int row = 0; row < ROWS; row++) {
            stored.decode(row, 1, into, row * COLUMNS);
          }
          return into[0];
        });
  }

  private static Work dot() {
    return ofTwoArrays(1, (a, b, at) -> Simd.dot(a, at, b, at, COLUMNS));
  }

  private static Work squaredError() {
    // Two conversions, a difference and a multiply-add, all in double.
    return ofTwoArrays(2 * 4, (a, b, at) -> Simd.squaredError(a, at, b, at, COLUMNS));
  }

  /** A sum over a row of two arrays. */
  private interface RowSum {
    double of(float[] a, float[] b, int at);
  }

  private static Work ofTwoArrays(int operations, RowSum sum) {
    float[] a = RandomOperands.floats(ELEMENTS);
    float[] b = RandomOperands.floats(ELEMENTS);
    return new Work(
        Costs.ofElements(ELEMENTS, operations, 2 * Float.BYTES, Place.CACHE),
        () -> {
          double total = 0;
          for (int row = 0; row < ROWS; row++) {
            total += sum.of(a, b, row * COLUMNS);
          }
          return total;
        });
  }
}
