package io.tritmill.kernels.model;

import io.tritmill.kernels.rate.Arithmetic;
import io.tritmill.kernels.rate.RandomValues;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The forward pass of one block over one sequence, weights in BF16. */
@State(Scope.Thread)
public class BlockBenchmark {
  @Param({"1", "128", "512", "2048"})
  int tokens;

  BlockWeights weights;
  TransformerBlock block;
  float[] input;
  float[] x;

  @Setup
  public void fill() {
    weights = RandomBlock.weights();
    block = new TransformerBlock(RandomBlock.CONFIG, tokens);
    input = RandomValues.weights(tokens * RandomBlock.CONFIG.hidden());
    x = new float[input.length];
  }

  @Benchmark
  public float[] forward(Arithmetic counted) {
    // What leaves the block must not enter it again: it would grow without end.
    System.arraycopy(input, 0, x, 0, x.length);
    block.forward(weights, x, new int[] {tokens}, Taps.NONE);
    counted.add(2 * tokens * RandomBlock.linearWeights() + RandomBlock.attentionOperations(tokens));
    return x;
  }
}
