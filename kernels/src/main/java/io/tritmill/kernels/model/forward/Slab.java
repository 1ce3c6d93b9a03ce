package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.function.EightBits;
import java.util.Arrays;

/**
 * Whole sequences that an operator runs over at once.
 *
 * @param weights of the sublayer
 * @param lengths tokens of each sequence
 * @param tokens of all of them
 * @param taps see what enters the linear modules
 * @param last where to stop; null to go through
 */
record Slab(SublayerWeights weights, int[] lengths, int tokens, Taps taps, Site last) {
  Slab(SublayerWeights weights, int[] lengths, Taps taps, Site last) {
    this(weights, lengths, Arrays.stream(lengths).sum(), taps, last);
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
