package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Experts;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.describe.StoredTensors;
import io.tritmill.kernels.model.family.ModelFamily;
import io.tritmill.kernels.rate.Arithmetic;
import io.tritmill.kernels.rate.RandomValues;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A mixture of experts of Qwen3-30B-A3B's shape, and beside it one expert that all tokens meet,
 * whose products are as fast as they get; counted are the products of tokens with the experts that
 * they meet.
 */
@State(Scope.Thread)
public class ExpertsBenchmark {
  static final Architecture MODEL =
      ModelFamily.of("qwen3_moe")
          .orElseThrow()
          .describe(
              new ConfigValues(Map.of("hidden_size", 2048, "num_hidden_layers", 1)),
              StoredTensors.none(1));

  static final Sublayer MIXTURE = MODEL.sublayers().getLast();
  static final Experts EXPERTS = (Experts) MIXTURE.operator();
  static final FeedForward EXPERT = EXPERTS.experts().getFirst();

  @Param({"512", "2048", "4096"})
  int tokens;

  final FeedForwardPass feedForward = new FeedForwardPass(Rotations.NONE);
  final ExpertsPass experts = new ExpertsPass(feedForward);
  SublayerWeights weights;
  float[] x;
  float[] y;

  @Setup
  public void fill() {
    weights = RandomBlock.weights(MIXTURE);
    x = RandomValues.weights(tokens * MODEL.hidden());
    y = new float[x.length];
  }

  @Benchmark
  public float[] mixture(Arithmetic counted) {
    experts.run(EXPERTS, new Slab(weights, new int[] {tokens}, Taps.NONE, null), x, y);
    counted.add(Math.round(2 * tokens * EXPERTS.products()));
    return y;
  }

  @Benchmark
  public float[] expert(Arithmetic counted) {
    feedForward.run(EXPERT, new Slab(weights, new int[] {tokens}, Taps.NONE, null), x, y);
    counted.add(2L * tokens * 3 * EXPERT.width() * MODEL.hidden());
    return y;
  }
}
