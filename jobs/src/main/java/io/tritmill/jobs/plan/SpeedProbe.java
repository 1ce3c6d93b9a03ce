package io.tritmill.jobs.plan;

import io.tritmill.jobs.bench.RandomOperands;
import io.tritmill.jobs.bench.Stopwatch;
import io.tritmill.jobs.storage.Checksums;
import io.tritmill.kernels.code.PlaneCounts;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.PackedBand;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.round.RowPlanes;
import io.tritmill.kernels.quantize.round.TritRows;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.simd.Simd;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.EncodedRows;
import io.tritmill.kernels.tensor.Matrix;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Measures what a plan needs of this machine, on random weights and in one thread: a second or more
 * for each method of the plan.
 */
public final class SpeedProbe {
  /** Rows and columns for a method that learns; how its cost grows is seen at twice as many. */
  static final int SIDE = 512;

  /** A whole band, as a task has it: what does not fit into a cache here does not there either. */
  private static final int COLUMNS = 4096;

  private static final int ROWS = Bands.rows(COLUMNS);
  private static final int MATRIX = 768;
  private static final Duration TURN = Duration.ofMillis(500);
  private static final Duration SHORT_TURN = Duration.ofMillis(100);
  private static final int MOST_TURNS = 6;

  private final EncodedRows stored = RandomOperands.encoded(ROWS, COLUMNS, DType.BF16);

  private SpeedProbe() {}

  /** Measures each method of the plan. */
  public static Rates measure(Plan plan) {
    SpeedProbe probe = new SpeedProbe();
    Map<Quantizer, Double> weights = new HashMap<>();
    Map<Quantizer, Double> perInput = new HashMap<>();
    for (PlannedTensor layer : plan.layers()) {
      Quantizer method = layer.quantizer();
      if (weights.containsKey(method)) {
        continue;
      }
      if (method.needs().isEmpty()) {
        weights.put(method, ROWS * COLUMNS / settled(() -> probe.band(method), TURN));
      } else {
        double narrow = learned(method, SIDE);
        double wide = learned(method, 2 * SIDE);
        weights.put(method, 1 / narrow);
        perInput.put(method, Math.max(0, wide - narrow) / SIDE);
      }
    }
    return new Rates(weights, perInput, probe.checked(), digested(), flops());
  }

  /** What a task does with a band, but for files: decode, quantize, measure, pack, digest. */
  private double band(Quantizer quantizer) {
    LayerInputs inputs = LayerInputs.NONE;
    for (int pass = 0; pass < quantizer.passes(); pass++) {
      inputs = inputs.with(PackedBand.observe(stored, quantizer, inputs));
    }
    PackedBand band = PackedBand.of(stored, quantizer, inputs);
    MessageDigest digest = Checksums.sha256();
    band.tensor().pieces().forEach(digest::update);
    return band.error().mse() + digest.digest()[0];
  }

  /** Seconds that a weight takes in a layer of so many inputs and outputs. */
  private static double learned(Quantizer method, int side) {
    Quantizer quantizer =
        method.rounding() instanceof TritRows rows ? decided(method, rows, side) : method;
    Matrix weights = RandomOperands.matrix(side, side);
    LayerInputs inputs = LayerInputs.NONE.with(plainStatistics(side));
    for (int pass = 0; pass < quantizer.passes(); pass++) {
      inputs = inputs.with(quantizer.observe(weights, inputs));
    }
    LayerInputs seen = inputs;
    double seconds = settled(() -> quantizer.quantize(weights, seen).rows(), TURN);
    return seconds / side / side;
  }

  /** Rows that choose get two planes, which is about what they get on average. */
  private static Quantizer decided(Quantizer method, TritRows rows, int side) {
    byte[] counts = new byte[side];
    Arrays.fill(counts, (byte) 2);
    return method.withRounding(new RowPlanes(new PlaneCounts(counts), rows.group()));
  }

  private double checked() {
    float[] row = new float[COLUMNS];
    return ROWS
        * COLUMNS
        / settled(
            () -> {
              int found = 0;
              for (int r = 0; r < ROWS; r++) {
                stored.decode(r, 1, row, 0);
                found += Simd.firstNonFinite(row, 0, COLUMNS);
              }
              return found;
            },
            SHORT_TURN);
  }

  private static double digested() {
    byte[] bytes = new byte[1 << 20];
    return bytes.length / settled(() -> Checksums.sha256().digest(bytes)[0], SHORT_TURN);
  }

  private static double flops() {
    float[] a = RandomOperands.matrix(MATRIX, MATRIX).values();
    float[] product = new float[MATRIX * MATRIX];
    double seconds =
        settled(
            () -> {
              Gemm.multiply(MATRIX, MATRIX, MATRIX, a, 0, MATRIX, a, 0, MATRIX, product, 0, MATRIX);
              return product[0];
            },
            SHORT_TURN);
    return 2.0 * MATRIX * MATRIX * MATRIX / seconds;
  }

  private static double settled(DoubleSupplier call, Duration turn) {
    // Turns that are all as slow as the first, because the compiler is not done, look settled.
    Stopwatch.seconds(call, turn.multipliedBy(3));
    return Stopwatch.settledSeconds(call, turn, MOST_TURNS);
  }

  /** Uncorrelated inputs and outputs, and no error: what is computed with them takes as long. */
  private static LayerStatistics plainStatistics(int side) {
    Matrix identity = Matrix.zeros(side, side);
    for (int i = 0; i < side; i++) {
      identity.values()[i * side + i] = 1;
    }
    Matrix zeros = Matrix.zeros(side, side);
    LayerStatistics heldOut = new LayerStatistics(side, identity, zeros, zeros, null, null);
    return new LayerStatistics(side, identity, zeros, zeros, identity, heldOut);
  }
}
