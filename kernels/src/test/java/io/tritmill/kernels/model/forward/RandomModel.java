package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.forward.TestBlock.Part;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Random;

/** Small models of random weights, in floats for the forward pass. */
public final class RandomModel {
  private RandomModel() {}

  /** Gaussian entries times scale. */
  public static float[] gaussian(Random random, int count, double scale) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * scale);
    }
    return values;
  }

  public static TestWeights block(TestBlock config, Random random) {
    int hidden = config.hidden();
    int query = config.heads() * config.headSize();
    int keyValue = config.keyValueHeads() * config.headSize();
    int wide = config.intermediate();
    return new TestWeights(
        gains(random, hidden),
        linear(config, random, Part.QUERY, query, hidden),
        linear(config, random, Part.KEY, keyValue, hidden),
        linear(config, random, Part.VALUE, keyValue, hidden),
        linear(config, random, Part.OUTPUT, hidden, query),
        gains(random, hidden),
        linear(config, random, Part.GATE, wide, hidden),
        linear(config, random, Part.UP, wide, hidden),
        linear(config, random, Part.DOWN, hidden, wide));
  }

  public static float[] gains(Random random, int count) {
    float[] gains = gaussian(random, count, 0.3);
    for (int i = 0; i < count; i++) {
      gains[i] += 1;
    }
    return gains;
  }

  private static Linear linear(TestBlock config, Random random, Part role, int rows, int columns) {
    Matrix weight =
        new Matrix(rows, columns, gaussian(random, rows * columns, 1.5 / Math.sqrt(columns)));
    return config.biased().contains(role)
        ? new Linear(weight, gaussian(random, rows, 0.5))
        : new Linear(weight);
  }
}
