package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.function.RotaryEmbeddings;
import io.tritmill.kernels.rate.Arithmetic;
import io.tritmill.kernels.rate.RandomValues;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Causal attention of one sequence with its projections; what tiles compute above the diagonal is
 * not counted.
 */
@State(Scope.Thread)
public class AttentionBenchmark {
  @Param({"128", "512", "2048"})
  int tokens;

  AttentionPass pass;
  Slab slab;
  float[] x;
  float[] y;

  @Setup
  public void fill() {
    pass = new AttentionPass(new RotaryEmbeddings(tokens));
    slab = new Slab(RandomBlock.weights(RandomBlock.FIRST), new int[] {tokens}, Taps.NONE, null);
    x = RandomValues.weights(tokens * RandomBlock.MODEL.hidden());
    y = new float[x.length];
  }

  @Benchmark
  public float[] forward(Arithmetic counted) {
    pass.run(RandomBlock.ATTENTION, slab, x, y);
    long weights =
        RandomBlock.ATTENTION.modules().stream()
            .mapToLong(module -> (long) module.rows() * module.columns())
            .sum();
    counted.add(2 * tokens * weights + RandomBlock.attentionOperations(tokens));
    return y;
  }
}
