package io.tritmill.jobs.bench;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PackedPlanes;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.describe.StoredTensors;
import io.tritmill.kernels.model.family.ModelFamily;
import io.tritmill.kernels.model.forward.ForwardPass;
import io.tritmill.kernels.model.forward.SublayerWeights;
import io.tritmill.kernels.model.forward.Taps;
import io.tritmill.kernels.quantize.round.Absmean;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.simd.RowSource;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Matrix products, and the forward pass that is made of them. */
final class ProductProbes {
  static final List<Probe> ALL =
      List.of(
          new Probe("gemm", "702 x 702 x 702", Unit.GFLOP, () -> square(702)),
          new Probe("gemm", "1024 x 1024 x 1024", Unit.GFLOP, () -> square(1024)),
          new Probe(
              "gemm bf16",
              "256 tokens, 1024 x 2048",
              Unit.GFLOP,
              () -> linear(256, RandomOperands.encoded(1024, 2048, DType.BF16), 2)),
          new Probe(
              "gemm trits",
              "256 tokens, 1024 x 2048",
              Unit.GFLOP,
              () -> linear(256, onePlane(1024, 2048), 0.2)),
          new Probe(
              "gemm one row",
              "1 token, 4096 x 4096",
              Unit.GFLOP,
              () -> linear(1, RandomOperands.matrix(4096, 4096), Float.BYTES)),
          new Probe("block forward", "256 tokens, hidden 1024", Unit.GFLOP, ProductProbes::block));

  private static final Architecture BLOCK =
      ModelFamily.of("llama")
          .orElseThrow()
          .describe(
              new ConfigValues(
                  Map.of(
                      "hidden_size", 1024,
                      "intermediate_size", 2816,
                      "num_hidden_layers", 1,
                      "num_attention_heads", 16,
                      "num_key_value_heads", 4)),
              StoredTensors.none(1));

  private ProductProbes() {}

  private static Work square(int n) {
    float[] a = RandomOperands.floats(n * n);
    float[] b = RandomOperands.floats(n * n);
    float[] c = new float[n * n];
    return new Work(
        Costs.ofProduct((double) n * n * n, 3.0 * Float.BYTES * n * n),
        () -> {
          Gemm.multiplyTransposed(n, n, n, a, 0, n, b, 0, n, c, 0, n);
          return c[0];
        });
  }

  private static PackedPlanes onePlane(int rows, int columns) {
    return PackedPlanes.of(
        new Absmean(Group.TENSOR).quantize(RandomOperands.matrix(rows, columns)).planes());
  }

  private static Work linear(int tokens, RowSource weight, double bytesOfWeight) {
    double weights = (double) weight.rows() * weight.columns();
    float[] x = RandomOperands.floats(tokens * weight.columns());
    float[] y = new float[tokens * weight.rows()];
    return new Work(
        Costs.ofProduct(
            tokens * weights, bytesOfWeight * weights + Float.BYTES * (x.length + y.length)),
        () -> {
          Gemm.multiplyTransposed(tokens, x, weight, y);
          return y[0];
        });
  }

  private static Work block() {
    int tokens = 256;
    List<SublayerWeights> weights = BLOCK.sublayers().stream().map(ProductProbes::weights).toList();
    ForwardPass forward = new ForwardPass(BLOCK, tokens);
    float[] input = RandomOperands.floats(tokens * BLOCK.hidden());
    float[] x = new float[input.length];
    int[] lengths = {tokens};
    double linear = BLOCK.blockProducts();
    // Scores and mixing, for the keys that a token sees.
    Module queries = BLOCK.modules().getFirst();
    double attention = (double) tokens * (tokens + 1) * queries.rows();
    return new Work(
        Costs.ofProduct(tokens * linear + attention, 2 * linear + 2.0 * Float.BYTES * x.length),
        () -> {
          System.arraycopy(input, 0, x, 0, x.length);
          for (Sublayer sublayer : BLOCK.sublayers()) {
            forward.run(sublayer, weights.get(sublayer.index()), x, lengths, Taps.NONE);
          }
          return x[0];
        });
  }

  private static SublayerWeights weights(Sublayer sublayer) {
    Map<String, WeightRows> matrices = new HashMap<>();
    Map<String, float[]> vectors = new HashMap<>();
    for (TensorSpec tensor : sublayer.tensors()) {
      if (tensor.vector()) {
        float[] ones = new float[tensor.rows()];
        Arrays.fill(ones, 1);
        vectors.put(tensor.name(), ones);
      } else {
        matrices.put(
            tensor.name(), RandomOperands.encoded(tensor.rows(), tensor.columns(), DType.BF16));
      }
    }
    return new SublayerWeights(matrices, vectors);
  }
}
