package io.tritmill.jobs.plan;

import io.tritmill.jobs.bench.RandomOperands;
import io.tritmill.jobs.bench.Stopwatch;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.LayerStatistics;
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
 * writing and starting. A method that learns from data takes time in proportion to the inputs of a
 * layer; taking calibration data through the model is not in the estimate.
 */
public final class SpeedProbe {
  private static final int ROWS = 64;
  private static final int COLUMNS = 4096;

  /** Rows and columns for a method that learns, whose cost a weight grows with them. */
  private static final int LEARNING_SIDE = 512;

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
      double wider =
          layer.quantizer().needs().isEmpty() ? 1 : (double) layer.columns() / LEARNING_SIDE;
      seconds += layer.tensor().elements() * wider / rate;
    }
    return new Range(seconds / cores, OVERHEAD * seconds / cores + START_SECONDS, cores);
  }

  private static double weightsPerSecond(Quantizer quantizer) {
    boolean learns = !quantizer.needs().isEmpty();
    Matrix weights =
        learns
            ? RandomOperands.matrix(LEARNING_SIDE, LEARNING_SIDE)
            : RandomOperands.matrix(ROWS, COLUMNS);
    LayerInputs inputs = learns ? LayerInputs.NONE.with(plainStatistics()) : LayerInputs.NONE;
    for (int pass = 0; pass < quantizer.passes(); pass++) {
      inputs = inputs.with(quantizer.observe(weights, inputs));
    }
    LayerInputs seen = inputs;
    double seconds =
        Stopwatch.settledSeconds(
            () -> quantizer.quantize(weights, seen).scales()[0], TURN, MOST_TURNS);
    return weights.values().length / seconds;
  }

  /** Uncorrelated inputs and outputs, and no error: what is computed with them takes as long. */
  private static LayerStatistics plainStatistics() {
    Matrix identity = Matrix.zeros(LEARNING_SIDE, LEARNING_SIDE);
    for (int i = 0; i < LEARNING_SIDE; i++) {
      identity.values()[i * LEARNING_SIDE + i] = 1;
    }
    Matrix zeros = Matrix.zeros(LEARNING_SIDE, LEARNING_SIDE);
    return new LayerStatistics(LEARNING_SIDE, identity, identity, zeros, zeros, identity);
  }
}
