package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.describe.StoredTensors;
import io.tritmill.kernels.model.family.ModelFamily;
import io.tritmill.kernels.rate.RandomValues;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.EncodedRows;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A block of the shape of a model of 1.1 billion parameters, with random weights in BF16. */
final class RandomBlock {
  static final Architecture MODEL =
      ModelFamily.of("llama")
          .orElseThrow()
          .describe(
              new ConfigValues(
                  Map.of(
                      "hidden_size", 2048,
                      "intermediate_size", 5632,
                      "num_hidden_layers", 1,
                      "num_attention_heads", 32,
                      "num_key_value_heads", 4)),
              StoredTensors.none(1));

  static final Sublayer FIRST = MODEL.sublayers().get(0);
  static final Sublayer SECOND = MODEL.sublayers().get(1);
  static final Attention ATTENTION = (Attention) FIRST.operator();
  static final FeedForward FEED_FORWARD = (FeedForward) SECOND.operator();

  private RandomBlock() {}

  static SublayerWeights weights(Sublayer sublayer) {
    Map<String, WeightRows> matrices = new HashMap<>();
    Map<String, float[]> vectors = new HashMap<>();
    for (TensorSpec tensor : sublayer.tensors()) {
      if (tensor.vector()) {
        float[] ones = new float[tensor.rows()];
        Arrays.fill(ones, 1);
        vectors.put(tensor.name(), ones);
      } else {
        matrices.put(tensor.name(), stored(tensor.rows(), tensor.columns()));
      }
    }
    return new SublayerWeights(matrices, vectors);
  }

  /** Weights of the linear modules: each is used once a token. */
  static long linearWeights() {
    return MODEL.blockProducts();
  }

  /** Floating-point operations of causal attention, counted for the keys that a token sees. */
  static long attentionOperations(int tokens) {
    return 2L * tokens * (tokens + 1) * ATTENTION.query().rows();
  }

  private static WeightRows stored(int rows, int columns) {
    byte[] bytes = new byte[2 * rows * columns];
    DType.BF16.encode(RandomValues.weights(rows * columns), 0, bytes, 0, rows * columns);
    return new EncodedRows(rows, columns, DType.BF16, bytes);
  }
}
