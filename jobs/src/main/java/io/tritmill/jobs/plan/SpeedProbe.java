package io.tritmill.jobs.plan;

import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.tensor.Matrix;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * Estimates how long a plan takes from a second of quantizing random weights on this machine.
 *
 * <p>The lower bound is the time of the methods alone, the upper one allows for reading, packing,
 * writing and starting.
 */
public final class SpeedProbe {
  private static final int ROWS = 64;
  private static final int COLUMNS = 4096;
  private static final long WARM_UP_NANOS = 400_000_000L;
  private static final long MEASURED_NANOS = 300_000_000L;
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
    Random random = new Random(1);
    Matrix weights = Matrix.zeros(ROWS, COLUMNS);
    for (int i = 0; i < weights.values().length; i++) {
      weights.values()[i] = (float) (0.02 * random.nextGaussian());
    }
    LayerInputs inputs = LayerInputs.NONE;
    for (int pass = 0; pass < quantizer.passes(); pass++) {
      inputs = inputs.with(quantizer.observe(weights, inputs));
    }
    repeat(quantizer, weights, inputs, WARM_UP_NANOS);
    return repeat(quantizer, weights, inputs, MEASURED_NANOS);
  }

  private static double repeat(
      Quantizer quantizer, Matrix weights, LayerInputs inputs, long nanos) {
    long begin = System.nanoTime();
    long count = 0;
    while (System.nanoTime() - begin < nanos) {
      quantizer.quantize(weights, inputs);
      count += weights.values().length;
    }
    return count * 1e9 / (System.nanoTime() - begin);
  }
}
