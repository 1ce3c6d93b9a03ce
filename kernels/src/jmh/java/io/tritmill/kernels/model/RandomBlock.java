package io.tritmill.kernels.model;

import io.tritmill.kernels.rate.RandomValues;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.EncodedRows;
import java.util.Arrays;
import java.util.Set;

/** A block of the shape of a model of 1.1 billion parameters, with random weights in BF16. */
final class RandomBlock {
  static final ModelConfig CONFIG =
      new ModelConfig(
          "llama",
          32_000,
          2048,
          5632,
          22,
          32,
          4,
          64,
          1e-5f,
          new Rope(10_000, new Rope.None()),
          Set.of(),
          false,
          0,
          2048,
          1);

  private RandomBlock() {}

  static BlockWeights weights() {
    int hidden = CONFIG.hidden();
    int query = CONFIG.heads() * CONFIG.headSize();
    int keyValue = CONFIG.keyValueHeads() * CONFIG.headSize();
    int wide = CONFIG.intermediate();
    return new BlockWeights(
        ones(hidden),
        linear(query, hidden),
        linear(keyValue, hidden),
        linear(keyValue, hidden),
        linear(hidden, query),
        ones(hidden),
        linear(wide, hidden),
        linear(wide, hidden),
        linear(hidden, wide));
  }

  /** Weights of the linear modules: each is used once a token. */
  static long linearWeights() {
    long width = CONFIG.headSize() * (2L * CONFIG.heads() + 2L * CONFIG.keyValueHeads());
    return CONFIG.hidden() * (width + 3L * CONFIG.intermediate());
  }

  /** Floating-point operations of causal attention, counted for the keys that a token sees. */
  static long attentionOperations(int tokens) {
    return 2L * tokens * (tokens + 1) * CONFIG.heads() * CONFIG.headSize();
  }

  private static Linear linear(int rows, int columns) {
    byte[] bytes = new byte[2 * rows * columns];
    DType.BF16.encode(RandomValues.weights(rows * columns), 0, bytes, 0, rows * columns);
    return new Linear(new EncodedRows(rows, columns, DType.BF16, bytes));
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
