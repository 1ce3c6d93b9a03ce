package io.tritmill.jobs.calibrate;

import io.tritmill.kernels.model.Site;
import java.util.List;

/**
 * What all chunks bring to a site, of which its sums are still to be made.
 *
 * @param blocks of the model
 * @param sums that were asked for; none where the streams only moved on
 * @param chunks in their order
 * @param metrics what output metrics are made of; null when no layer needs one
 */
public record SiteInputs(
    int blocks, Site site, List<Sum> sums, List<ChunkInputs> chunks, OutputMetrics metrics) {
  /** The site, as jobs and messages call it. */
  String place() {
    return "[%d/%d] block %d: %s".formatted(site.block() + 1, blocks, site.block(), site.name());
  }

  List<ChunkInputs> chunks(boolean heldOut) {
    return chunks.stream().filter(chunk -> chunk.heldOut() == heldOut).toList();
  }

  long tokens(boolean heldOut) {
    return chunks(heldOut).stream().mapToLong(ChunkInputs::tokens).sum();
  }
}
