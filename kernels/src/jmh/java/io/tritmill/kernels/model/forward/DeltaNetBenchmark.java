package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.DeltaNet;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.describe.StoredTensors;
import io.tritmill.kernels.model.family.ModelFamily;
import io.tritmill.kernels.model.function.DeltaRule;
import io.tritmill.kernels.rate.Arithmetic;
import io.tritmill.kernels.rate.RandomValues;
import java.util.Arrays;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A gated delta-net over one sequence, whole and its rule alone; of the rule are counted the
 * products with the memory that tokens one by one would need.
 */
@State(Scope.Thread)
public class DeltaNetBenchmark {
  static final Architecture MODEL =
      ModelFamily.of("qwen3_5_text")
          .orElseThrow()
          .describe(
              new ConfigValues(Map.of("hidden_size", 2048, "num_hidden_layers", 1)),
              StoredTensors.none(1));

  static final DeltaNet NET = (DeltaNet) MODEL.sublayers().getFirst().operator();

  @Param({"128", "512", "2048"})
  int tokens;

  final DeltaNetPass pass = new DeltaNetPass();
  final DeltaRule rule = new DeltaRule();
  Slab slab;
  float[] x;
  float[] y;
  DeltaRule.Inputs inputs;
  float[] results;

  @Setup
  public void fill() {
    SublayerWeights weights = RandomBlock.weights(MODEL.sublayers().getFirst());
    slab = new Slab(weights, new int[] {tokens}, Taps.NONE, null);
    x = RandomValues.weights(tokens * MODEL.hidden());
    y = new float[x.length];
    float[] strengths = new float[tokens * NET.valueHeads()];
    float[] decays = new float[strengths.length];
    Arrays.fill(strengths, 0.5f);
    Arrays.fill(decays, -0.1f);
    float[] channels = RandomValues.weights(tokens * NET.channels());
    inputs = new DeltaRule.Inputs(channels, strengths, decays);
    results = new float[tokens * NET.output().columns()];
  }

  private long ruleOperations() {
    return 6L * tokens * NET.valueHeads() * NET.keySize() * NET.valueSize();
  }

  @Benchmark
  public float[] forward(Arithmetic counted) {
    pass.run(NET, slab, x, y);
    long weights =
        NET.modules().stream().mapToLong(module -> (long) module.rows() * module.columns()).sum();
    counted.add(2 * tokens * weights + ruleOperations());
    return y;
  }

  @Benchmark
  public float[] rule(Arithmetic counted) {
    rule.begin(NET, DeltaRule.memory(NET));
    rule.run(inputs, 0, tokens, results);
    counted.add(ruleOperations());
    return results;
  }
}
