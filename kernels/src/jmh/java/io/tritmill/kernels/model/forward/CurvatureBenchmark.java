package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.linalg.GramAccumulator;
import io.tritmill.kernels.model.loss.AttentionCurvature;
import io.tritmill.kernels.model.loss.FeedForwardCurvature;
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

  SublayerWeights first;
  SublayerWeights second;
  ForwardPass pass;
  Matrix m;
  int[] lengths;
  float[] input;
  float[] x;

  @Setup
  public void fill() {
    first = RandomBlock.weights(RandomBlock.FIRST);
    second = RandomBlock.weights(RandomBlock.SECOND);
    int hidden = RandomBlock.MODEL.hidden();
    pass = new ForwardPass(RandomBlock.MODEL, length);
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
    GramAccumulator ofGate = new GramAccumulator(RandomBlock.FEED_FORWARD.width());
    GramAccumulator ofUp = new GramAccumulator(RandomBlock.FEED_FORWARD.width());
    return new FeedForwardCurvature(
        RandomBlock.FEED_FORWARD,
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
              new AttentionCurvature(
                  RandomBlock.ATTENTION,
                  length,
                  m,
                  first.linear(RandomBlock.ATTENTION.output()).weight());
          case "feed-forward" -> feedForward();
          default -> Taps.NONE;
        };
    System.arraycopy(input, 0, x, 0, x.length);
    int[] sequences = lengths;
    pass.run(RandomBlock.FIRST, first, x, sequences, taps);
    pass.run(RandomBlock.SECOND, second, x, sequences, taps);
    counted.add(
        2 * TOKENS * RandomBlock.linearWeights()
            + lengths.length * RandomBlock.attentionOperations(length));
    return x;
  }
}
