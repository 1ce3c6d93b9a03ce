package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.rate.Arithmetic;
import io.tritmill.kernels.rate.RandomValues;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Causal attention of one sequence; what tiles compute above the diagonal is not counted. */
@State(Scope.Thread)
public class AttentionBenchmark {
  @Param({"128", "512", "2048"})
  int tokens;

  AttentionPass attention;
  SublayerWeights weights;
  float[] input;
  float[] q;
  float[] k;
  float[] v;

  @Setup
  public void fill() {
    attention = new AttentionPass(new RotaryEmbeddings(tokens));
    weights = RandomBlock.weights(RandomBlock.FIRST);
    input = RandomValues.weights(tokens * RandomBlock.ATTENTION.query().rows());
    q = new float[input.length];
    k = new float[tokens * RandomBlock.ATTENTION.key().rows()];
    v = k.clone();
  }

  @Benchmark
  public float[] forward(Arithmetic counted) {
    System.arraycopy(input, 0, q, 0, q.length);
    System.arraycopy(input, 0, k, 0, k.length);
    System.arraycopy(input, 0, v, 0, v.length);
    attention.forward(RandomBlock.ATTENTION, weights, 0, tokens, q, k, v, Taps.NONE);
    counted.add(RandomBlock.attentionOperations(tokens));
    return q;
  }
}
