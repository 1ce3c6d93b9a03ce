package io.tritmill.jobs.plan;

import io.tritmill.jobs.bench.RandomOperands;
import io.tritmill.jobs.bench.Stopwatch;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.tensor.Matrix;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Estimates how long a plan takes from quantizing random weights on this machine, a second or more
 * with each of its methods.
 *
 * <p>The lower bound is the time of the methods alone, the upper one allows for reading, packing,
 * writing and starting.
 */
public final class SpeedProbe {
  private static final int ROWS = 64;
  private static final int COLUMNS = 4096;
  private static final Duration TURN = Duration.ofMillis(500);
  private static final int MOST_TURNS = 6;
  private static final double OVERHEAD = 2.5;
  private static final double START_SECONDS = 8;

  private SpeedProbe() {}

  /**
   * Seconds that a run may take.
   *
   * @param low methods alone
   * @param high with everything around them
   * @param cores that were assumed
   */
  public record Range(double low, double high, int cores) {}

  /** Measures each method of the plan and adds up. */
  public static Range estimate(Plan plan, int cores) {
    Map<Quantizer, Double> weightsPerSecond = new HashMap<>();
    double seconds = 0;
    for (PlannedTensor layer : plan.layers()) {
      double rate =
          weightsPerSecond.computeIfAbsent(layer.quantizer(), SpeedProbe::weightsPerSecond);
      seconds += layer.tensor().elements() / rate;
    }
    return new Range(seconds / cores, OVERHEAD * seconds / cores + START_SECONDS, cores);
  }

  private static double weightsPerSecond(Quantizer quantizer) {
    Matrix weights = RandomOperands.matrix(ROWS, COLUMNS);
    LayerInputs inputs = LayerInputs.NONE;
    for (int pass = 0; pass < quantizer.passes(); pass++) {
      inputs = inputs.with(quantizer.observe(weights, inputs));
    }
    LayerInputs seen = inputs;
    double seconds =
        Stopwatch.settledSeconds(
            () -> quantizer.quantize(weights, seen).scales()[0], TURN, MOST_TURNS);
    return weights.values().length / seconds;
  }
}
