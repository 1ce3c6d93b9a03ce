package io.tritmill.kernels.model.forward;

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

  SublayerWeights first;
  SublayerWeights second;
  ForwardPass pass;
  float[] input;
  float[] x;

  @Setup
  public void fill() {
    first = RandomBlock.weights(RandomBlock.FIRST);
    second = RandomBlock.weights(RandomBlock.SECOND);
    pass = new ForwardPass(RandomBlock.MODEL, tokens);
    input = RandomValues.weights(tokens * RandomBlock.MODEL.hidden());
    x = new float[input.length];
  }

  @Benchmark
  public float[] forward(Arithmetic counted) {
    // What leaves the block must not enter it again: it would grow without end.
    System.arraycopy(input, 0, x, 0, x.length);
    int[] sequences = new int[] {tokens};
    pass.run(RandomBlock.FIRST, first, x, sequences, Taps.NONE);
    pass.run(RandomBlock.SECOND, second, x, sequences, Taps.NONE);
    counted.add(2 * tokens * RandomBlock.linearWeights() + RandomBlock.attentionOperations(tokens));
    return x;
  }
}
