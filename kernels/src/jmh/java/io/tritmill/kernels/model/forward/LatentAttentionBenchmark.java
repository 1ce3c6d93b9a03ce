package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.LatentAttention;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.describe.StoredTensors;
import io.tritmill.kernels.model.family.ModelFamily;
import io.tritmill.kernels.model.function.RotaryEmbeddings;
import io.tritmill.kernels.rate.Arithmetic;
import io.tritmill.kernels.rate.RandomValues;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Attention with latent keys and values over one sequence, as wide as GLM-4.7-Flash; what tiles
 * compute above the diagonal is not counted.
 */
@State(Scope.Thread)
public class LatentAttentionBenchmark {
  static final Architecture MODEL =
      ModelFamily.of("glm4_moe_lite")
          .orElseThrow()
          .describe(new ConfigValues(Map.of("num_hidden_layers", 1)), StoredTensors.none(1));

  static final LatentAttention ATTENTION =
      (LatentAttention) MODEL.sublayers().getFirst().operator();

  @Param({"128", "512", "2048"})
  int tokens;

  LatentAttentionPass pass;
  Slab slab;
  float[] x;
  float[] y;

  @Setup
  public void fill() {
    pass = new LatentAttentionPass(new RotaryEmbeddings(tokens));
    SublayerWeights weights = RandomBlock.weights(MODEL.sublayers().getFirst());
    slab = new Slab(weights, new int[] {tokens}, Taps.NONE, null);
    x = RandomValues.weights(tokens * MODEL.hidden());
    y = new float[x.length];
  }

  @Benchmark
  public float[] forward(Arithmetic counted) {
    pass.run(ATTENTION, slab, x, y);
    long weights =
        ATTENTION.modules().stream()
            .mapToLong(module -> (long) module.rows() * module.columns())
            .sum();
    long pairs = (long) tokens * (tokens + 1) / 2 * ATTENTION.heads();
    counted.add(2 * (tokens * weights + pairs * (ATTENTION.querySize() + ATTENTION.valueSize())));
    return y;
  }
}
