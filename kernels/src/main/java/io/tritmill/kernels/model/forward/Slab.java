package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.function.EightBits;
import java.util.Arrays;

/**
 * What an operator runs over at once: whole sequences, or the next piece of one.
 *
 * @param weights of the sublayer
 * @param lengths tokens of each sequence, or of the piece
 * @param tokens of all of them
 * @param taps see what enters the linear modules
 * @param last where to stop; null to go through
 * @param state what came before the piece, to which it adds; null where sequences are whole
 */
record Slab(
    SublayerWeights weights, int[] lengths, int tokens, Taps taps, Site last, SequenceState state) {
  /** Whole sequences. */
  Slab(SublayerWeights weights, int[] lengths, Taps taps, Site last) {
    this(weights, lengths, Arrays.stream(lengths).sum(), taps, last, null);
  }

  /** The next piece of a sequence. */
  static Slab next(SublayerWeights weights, int tokens, SequenceState state) {
    return new Slab(weights, new int[] {tokens}, tokens, Taps.NONE, null, state);
  }

  /** A piece of one of its sequences. */
  Slab piece(int count, SequenceState before) {
    return new Slab(weights, new int[] {count}, count, taps, last, before);
  }

  /** Some tokens of this one, for an operator that looks at each alone. */
  Slab some(int count) {
    return new Slab(weights, new int[] {count}, count, taps, last, null);
  }

  /**
   * Tokens that a sequence of the slab has, or is taken to have in the end.
   *
   * @param length of those that are here
   */
  int wholeLength(int length) {
    return state == null ? length : state.length();
  }

  /**
   * Shows what comes to a site.
   *
   * @param count rows
   * @param inputs (count, inputs of the site); rounded in place where the site says so
   * @return whether this is where to stop
   */
  boolean stopsAt(Site site, int count, float[] inputs) {
    if (site.rounded()) {
      EightBits.round(count, site.width(), inputs);
    }
    taps.see(site, count, site.width(), inputs);
    return site.besides(last);
  }
}
