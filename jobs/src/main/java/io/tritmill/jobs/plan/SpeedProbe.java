package io.tritmill.jobs.plan;

import io.tritmill.jobs.bench.RandomOperands;
import io.tritmill.jobs.bench.Stopwatch;
import io.tritmill.jobs.recipe.Recipe;
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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.DoubleSupplier;

/**
 * Measures what a plan needs of this machine, on random weights and in one thread: a second or so
 * for each method of a recipe that learns nothing, some seconds for each that does.
 *
 * <p>It begins with the recipe, so that headers are read beside it; what is measured is the time
 * that its thread has of the processor. Of use to one plan.
 */
public final class SpeedProbe implements AutoCloseable {
  /** Rows and columns for a method that learns; how its cost grows is seen at twice as many. */
  static final int SIDE = 512;

  /**
   * Rows and columns on which the compiler sees such a method first: there it is soon done. All
   * sides are multiples of 256, since there are methods that know no other rows.
   */
  private static final int FIRST_SIDE = 256;

  /** A whole band, as a task has it: what does not fit into a cache here does not there either. */
  private static final int COLUMNS = 4096;

  private static final int ROWS = Bands.rows(COLUMNS);
  private static final int MATRIX = 768;
  private static final Duration TURN = Duration.ofMillis(300);
  private static final Duration SHORT_TURN = Duration.ofMillis(100);
  private static final int MOST_TURNS = 6;

  private final EncodedRows stored = RandomOperands.encoded(ROWS, COLUMNS, DType.BF16);
  private final Map<Quantizer, Future<Speed>> methods = new LinkedHashMap<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("speed").factory());

  /**
   * What a method does.
   *
   * @param weights a second, as {@link Rates#weights} has them
   * @param perInput seconds, as {@link Rates#perInput} has them; 0 where nothing is learned
   */
  private record Speed(double weights, double perInput) {}

  private SpeedProbe() {}

  /** Begins with the methods that a recipe names. */
  public static SpeedProbe begin(Recipe recipe) {
    SpeedProbe probe = new SpeedProbe();
    recipe.rules().stream()
        .filter(rule -> !rule.keep())
        .forEach(rule -> probe.measure(rule.quantizer()));
    return probe;
  }

  private Future<Speed> measure(Quantizer method) {
    return methods.computeIfAbsent(method, one -> thread.submit(() -> speed(one)));
  }

  /** Waits for what is under way, and measures whatever else the plan needs. */
  public Rates rates(Plan plan) {
    Set<Quantizer> wanted = new LinkedHashSet<>();
    plan.layers().forEach(layer -> wanted.add(layer.quantizer()));
    methods.forEach(
        (method, speed) -> {
          if (!wanted.contains(method)) {
            speed.cancel(true);
          }
        });
    wanted.forEach(this::measure);
    // Last, when the compiler has less to do: they are short.
    Future<Double> checked = thread.submit(this::checked);
    Future<Double> digested = thread.submit(SpeedProbe::digested);
    Future<Double> flops = thread.submit(SpeedProbe::flops);
    Map<Quantizer, Double> weights = new HashMap<>();
    Map<Quantizer, Double> perInput = new HashMap<>();
    for (Quantizer method : wanted) {
      Speed speed = result(methods.get(method));
      weights.put(method, speed.weights());
      perInput.put(method, speed.perInput());
    }
    return new Rates(weights, perInput, result(checked), result(digested), result(flops));
  }

  private static <T> T result(Future<T> measured) {
    try {
      return measured.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while measuring", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("A method failed on random weights", e.getCause());
    }
  }

  /** Gives up what is not measured yet. */
  @Override
  public void close() {
    thread.shutdownNow();
  }

  private Speed speed(Quantizer method) {
    if (method.needs().isEmpty()) {
      return new Speed(ROWS * COLUMNS / settled(() -> band(method), TURN), 0);
    }
    Stopwatch.settledSeconds(learning(method, FIRST_SIDE), SHORT_TURN, MOST_TURNS);
    DoubleSupplier call = learning(method, SIDE);
    double narrow = settled(call, TURN) / SIDE / SIDE;
    double wide = Stopwatch.seconds(learning(method, 2 * SIDE), TURN) / SIDE / SIDE / 4;
    if (narrow > wide) {
      // The compiler was not done, though it seemed so.
      narrow = Math.min(wide, Stopwatch.seconds(call, TURN) / SIDE / SIDE);
    }
    return new Speed(1 / narrow, (wide - narrow) / SIDE);
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

  /** A layer of so many inputs and outputs. */
  private static DoubleSupplier learning(Quantizer method, int side) {
    Quantizer quantizer =
        method.rounding() instanceof TritRows rows ? decided(method, rows, side) : method;
    Matrix weights = RandomOperands.matrix(side, side);
    LayerInputs inputs = LayerInputs.NONE.with(plainStatistics(side));
    for (int pass = 0; pass < quantizer.passes(); pass++) {
      inputs = inputs.with(quantizer.observe(weights, inputs));
    }
    LayerInputs seen = inputs;
    return () -> quantizer.quantize(weights, seen).rows();
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
    Stopwatch.seconds(call, turn);
    if (Thread.interrupted()) {
      throw new CancellationException("nobody waits for this measurement");
    }
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
