package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Site;

/** Runs a {@link TestBlock}, or one of its sublayers. */
public final class TestPass {
  private final TestBlock block;
  private final ForwardPass pass;

  public TestPass(TestBlock block, int longest) {
    this.block = block;
    pass = new ForwardPass(block.architecture(), longest);
  }

  public void forward(TestWeights weights, float[] x, int[] lengths, Taps taps) {
    attend(weights, x, lengths, taps, null);
    feedForward(weights, x, lengths, taps, null);
  }

  public void attend(TestWeights weights, float[] x, int[] lengths, Taps taps, Site last) {
    pass.run(block.first(), weights.of(block.first()), x, lengths, taps, last);
  }

  void feedForward(TestWeights weights, float[] x, int[] lengths, Taps taps, Site last) {
    pass.run(block.second(), weights.of(block.second()), x, lengths, taps, last);
  }

  void leaveFirst(TestWeights weights, int tokens, float[] inputs, float[] x, int at) {
    pass.leave(block.first(), weights.of(block.first()), tokens, inputs, x, at);
  }

  void leaveSecond(TestWeights weights, int tokens, float[] inputs, float[] x, int at) {
    pass.leave(block.second(), weights.of(block.second()), tokens, inputs, x, at);
  }
}
