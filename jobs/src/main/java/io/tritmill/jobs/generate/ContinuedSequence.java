package io.tritmill.jobs.generate;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.LatentAttention;
import io.tritmill.kernels.model.Operator;
import io.tritmill.kernels.model.Parallel;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.forward.ForwardPass;
import io.tritmill.kernels.model.forward.SequenceState;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * A sequence of tokens that a model goes on with: what it has seen is not computed again.
 *
 * <p>Rotations of two lengths (LongRope) are those of the tokens that there are: where a sequence
 * grows beyond the shorter one, it is computed anew.
 */
public final class ContinuedSequence {
  private final ResidentModel model;
  private final int border;
  private SequenceState state;
  private int[] ids = {};

  public ContinuedSequence(ResidentModel model) {
    this.model = model;
    border = border(model.architecture());
  }

  /** Tokens up to which rotations are those of short sequences. */
  private static int border(Architecture model) {
    return model.sublayers().stream()
        .flatMap(one -> ropes(one.operator()))
        .mapToInt(
            rope ->
                rope.scaling() instanceof Rope.LongRope longRope
                    ? longRope.originalPositions()
                    : Integer.MAX_VALUE)
        .min()
        .orElse(Integer.MAX_VALUE);
  }

  private static Stream<Rope> ropes(Operator operator) {
    return switch (operator) {
      case Attention attention -> Stream.ofNullable(attention.rope());
      case LatentAttention attention -> Stream.of(attention.rope());
      case Parallel parallel -> parallel.branches().stream().flatMap(one -> ropes(one.operator()));
      default -> Stream.empty();
    };
  }

  /**
   * The logits of the token after a sequence.
   *
   * @param all tokens of the sequence, at least one; where they begin with those of the last call,
   *     only the others are computed
   * @return (vocabulary)
   */
  public float[] logits(int[] all) {
    boolean goesOn =
        state != null
            && ids.length < all.length
            && Arrays.equals(ids, 0, ids.length, all, 0, ids.length)
            && state.length() <= border == all.length <= border;
    int seen = goesOn ? ids.length : 0;
    if (!goesOn) {
      state = new SequenceState(all.length);
    }
    float[] x = {};
    int count = 0;
    while (seen < all.length) {
      count = Math.min(ForwardPass.SLAB, all.length - seen);
      x = model.run(all, seen, count, state, seen + count);
      seen += count;
    }
    ids = all.clone();
    return model.logits(x, count - 1);
  }
}
