package io.tritmill.jobs.calibrate;

import io.tritmill.kernels.model.TapSite;
import java.util.List;
import java.util.Locale;

/**
 * What all chunks bring to a site, of which its sums are still to be made.
 *
 * @param block number of the block, from 0
 * @param blocks of the model
 * @param sums that were asked for; none where the streams only moved on
 * @param chunks in their order
 * @param metrics what output metrics are made of; null when no layer needs one
 */
public record SiteInputs(
    int block,
    int blocks,
    TapSite site,
    List<Sum> sums,
    List<ChunkInputs> chunks,
    OutputMetrics metrics) {
  /** The site, as jobs and messages call it. */
  String place() {
    return "[%d/%d] block %d: %s"
        .formatted(block + 1, blocks, block, site.name().toLowerCase(Locale.ROOT));
  }

  List<ChunkInputs> chunks(boolean heldOut) {
    return chunks.stream().filter(chunk -> chunk.heldOut() == heldOut).toList();
  }

  long tokens(boolean heldOut) {
    return chunks(heldOut).stream().mapToLong(ChunkInputs::tokens).sum();
  }
}
