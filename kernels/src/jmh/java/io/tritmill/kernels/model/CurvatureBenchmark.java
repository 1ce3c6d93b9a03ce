package io.tritmill.kernels.model;

import io.tritmill.kernels.linalg.GramAccumulator;
import io.tritmill.kernels.rate.Arithmetic;
import io.tritmill.kernels.rate.RandomValues;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What gathering curvatures adds to the forward pass of a block over sequences of 4096 tokens in
 * all; the rate counts the forward pass alone.
 */
@State(Scope.Thread)
public class CurvatureBenchmark {
  private static final int TOKENS = 4096;

  @Param({"256", "2048"})
  int length;

  @Param({"none", "attention", "feed-forward"})
  String curvature;

  BlockWeights weights;
  TransformerBlock block;
  Matrix m;
  int[] lengths;
  float[] input;
  float[] x;

  @Setup
  public void fill() {
    weights = RandomBlock.weights();
    int hidden = RandomBlock.CONFIG.hidden();
    block = new TransformerBlock(RandomBlock.CONFIG, length);
    m = Matrix.zeros(hidden, hidden);
    for (int i = 0; i < hidden; i++) {
      m.values()[i * hidden + i] = 1;
    }
    lengths = new int[TOKENS / length];
    Arrays.fill(lengths, length);
    input = RandomValues.weights(TOKENS * hidden);
    x = new float[input.length];
  }

  /** Sums in this thread what a run sums in others. */
  private static FeedForwardCurvature feedForward() {
    GramAccumulator ofGate = new GramAccumulator(RandomBlock.CONFIG.intermediate());
    GramAccumulator ofUp = new GramAccumulator(RandomBlock.CONFIG.intermediate());
    return new FeedForwardCurvature(
        RandomBlock.CONFIG,
        (count, byGate, byUp) -> {
          ofGate.add(count, byGate);
          ofUp.add(count, byUp);
        });
  }

  @Benchmark
  public float[] forward(Arithmetic counted) {
    Taps taps =
        switch (curvature) {
          case "attention" ->
              new AttentionCurvature(RandomBlock.CONFIG, length, m, weights.output().weight());
          case "feed-forward" -> feedForward();
          default -> Taps.NONE;
        };
    System.arraycopy(input, 0, x, 0, x.length);
    block.forward(weights, x, lengths, taps);
    counted.add(
        2 * TOKENS * RandomBlock.linearWeights()
            + lengths.length * RandomBlock.attentionOperations(length));
    return x;
  }
}
