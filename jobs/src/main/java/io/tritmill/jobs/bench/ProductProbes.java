package io.tritmill.jobs.bench;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PackedTensor;
import io.tritmill.kernels.model.BlockWeights;
import io.tritmill.kernels.model.Linear;
import io.tritmill.kernels.model.ModelConfig;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.Taps;
import io.tritmill.kernels.model.TransformerBlock;
import io.tritmill.kernels.quantize.round.Absmean;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.simd.RowSource;
import io.tritmill.kernels.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

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

  private static final ModelConfig BLOCK =
      new ModelConfig(
          "llama",
          32_000,
          1024,
          2816,
          1,
          16,
          4,
          64,
          1e-5f,
          new Rope(10_000, new Rope.None()),
          Set.of(),
          false,
          0,
          2048,
          1);

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

  private static PackedTensor onePlane(int rows, int columns) {
    return PackedTensor.of(
        new Absmean(Group.TENSOR).quantize(RandomOperands.matrix(rows, columns)));
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
    BlockWeights weights = blockWeights();
    TransformerBlock block = new TransformerBlock(BLOCK, tokens);
    float[] input = RandomOperands.floats(tokens * BLOCK.hidden());
    float[] x = new float[input.length];
    int[] lengths = {tokens};
    double linear = blockLinearWeights();
    // Scores and mixing, for the keys that a token sees.
    double attention = (double) tokens * (tokens + 1) * BLOCK.heads() * BLOCK.headSize();
    return new Work(
        Costs.ofProduct(tokens * linear + attention, 2 * linear + 2.0 * Float.BYTES * x.length),
        () -> {
          System.arraycopy(input, 0, x, 0, x.length);
          block.forward(weights, x, lengths, Taps.NONE);
          return x[0];
        });
  }

  private static double blockLinearWeights() {
    double attention = 2.0 * (BLOCK.heads() + BLOCK.keyValueHeads()) * BLOCK.headSize();
    return BLOCK.hidden() * (attention + 3.0 * BLOCK.intermediate());
  }

  private static BlockWeights blockWeights() {
    int hidden = BLOCK.hidden();
    int query = BLOCK.heads() * BLOCK.headSize();
    int keyValue = BLOCK.keyValueHeads() * BLOCK.headSize();
    int wide = BLOCK.intermediate();
    return new BlockWeights(
        ones(hidden),
        stored(query, hidden),
        stored(keyValue, hidden),
        stored(keyValue, hidden),
        stored(hidden, query),
        ones(hidden),
        stored(wide, hidden),
        stored(wide, hidden),
        stored(hidden, wide));
  }

  private static Linear stored(int rows, int columns) {
    return new Linear(RandomOperands.encoded(rows, columns, DType.BF16));
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
