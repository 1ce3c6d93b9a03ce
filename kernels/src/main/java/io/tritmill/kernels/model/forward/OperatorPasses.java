package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.DeltaNet;
import io.tritmill.kernels.model.Experts;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.LatentAttention;
import io.tritmill.kernels.model.Operator;
import io.tritmill.kernels.model.Parallel;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.model.function.RotaryEmbeddings;

/** Runs operators of every kind. */
final class OperatorPasses implements OperatorPass<Operator> {
  private final AttentionPass attention;
  private final DeltaNetPass deltaNet = new DeltaNetPass();
  private final LatentAttentionPass latentAttention;
  private final FeedForwardPass feedForward;
  private final ExpertsPass experts;
  private final ParallelPass parallel;

  /**
   * @param hidden width of the residual stream
   * @param longest tokens of the longest sequence
   */
  OperatorPasses(int hidden, Rotations rotations, int longest) {
    RotaryEmbeddings rotary = new RotaryEmbeddings(longest);
    attention = new AttentionPass(rotary);
    latentAttention = new LatentAttentionPass(rotary);
    feedForward = new FeedForwardPass(rotations);
    experts = new ExpertsPass(feedForward);
    parallel = new ParallelPass(this, hidden);
  }

  @Override
  public boolean run(Operator operator, Slab slab, float[] x, float[] y) {
    return switch (operator) {
      case Attention one -> attention.run(one, slab, x, y);
      case DeltaNet one -> deltaNet.run(one, slab, x, y);
      case LatentAttention one -> latentAttention.run(one, slab, x, y);
      case FeedForward one -> feedForward.run(one, slab, x, y);
      case Experts one -> experts.run(one, slab, x, y);
      case Parallel one -> parallel.run(one, slab, x, y);
    };
  }

  /** Whether an operator runs the faster the more tokens there are, far beyond a usual slab. */
  static boolean gathers(Operator operator) {
    return switch (operator) {
      case Experts experts -> true;
      case Parallel parallel ->
          parallel.branches().stream().anyMatch(branch -> gathers(branch.operator()));
      case Attention attention -> false;
      case DeltaNet deltaNet -> false;
      case LatentAttention attention -> false;
      case FeedForward feedForward -> false;
    };
  }
}
