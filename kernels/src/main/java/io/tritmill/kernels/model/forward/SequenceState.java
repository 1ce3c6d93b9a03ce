package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.DeltaNet;
import io.tritmill.kernels.model.LatentAttention;
import io.tritmill.kernels.model.function.DeltaRule;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a sequence left behind in the operators of a model, so that it can be gone on with: keys and
 * values of attentions, the last ones where there is a window; latents and their keys; the memory
 * of delta-nets and the end of what they convolve. Feed-forwards leave nothing.
 *
 * <p>Every operator counts its positions itself: a sequence goes through all of them, in the same
 * pieces. One thread at a time.
 */
public final class SequenceState {
  private final int length;
  private final Map<Attention, KeyValues> attentions = new IdentityHashMap<>();
  private final Map<LatentAttention, PastRows> latents = new IdentityHashMap<>();
  private final Map<DeltaNet, Recurrence> recurrences = new IdentityHashMap<>();

  /**
   * Of a sequence that has not begun.
   *
   * @param length tokens that it is taken to have in the end, at least 1; rotations that look at
   *     the length of a sequence look at this
   */
  public SequenceState(int length) {
    if (length < 1) {
      throw new IllegalArgumentException("a sequence has at least one token, found " + length);
    }
    this.length = length;
  }

  /** Tokens that the sequence is taken to have in the end. */
  public int length() {
    return length;
  }

  /** Rotated keys (heads, head size) and values of each position. */
  record KeyValues(PastRows keys, PastRows values) {}

  /**
   * What a delta-net keeps.
   *
   * @param memory (value heads, key size, value size)
   * @param convolved (tokens of the convolution - 1, channels): what comes before its next input
   */
  record Recurrence(float[] memory, float[] convolved) {}

  KeyValues of(Attention operator) {
    int width = operator.key().rows();
    return attentions.computeIfAbsent(
        operator,
        key ->
            new KeyValues(
                new PastRows(width, operator.window()), new PastRows(width, operator.window())));
  }

  /** The latent, normed, and beside it the rotated key of each position. */
  PastRows of(LatentAttention operator) {
    return latents.computeIfAbsent(
        operator, key -> new PastRows(operator.keyValueDown().rows(), 0));
  }

  /**
   * @param convolved makes what comes before the sequence
   */
  Recurrence of(DeltaNet operator, Supplier<float[]> convolved) {
    return recurrences.computeIfAbsent(
        operator, key -> new Recurrence(DeltaRule.memory(operator), convolved.get()));
  }
}
