package io.tritmill.jobs.calibrate;

import io.tritmill.kernels.model.Site;
import java.util.ArrayList;
import java.util.List;

/**
 * What all chunks bring to the sites of a stage, of which sums are still to be made.
 *
 * @param blocks of the model
 * @param sites those of the stage
 * @param sums that were asked for; none where the streams only moved on
 * @param chunks in their order
 * @param metrics what output metrics are made of; null when no layer needs one
 */
public record StageInputs(
    int blocks, List<Site> sites, List<Sum> sums, List<ChunkInputs> chunks, OutputMetrics metrics) {
  /** Bytes of the sums that lie in files at a time, unless those of one site take more. */
  private static final long MOST_BYTES = 4L << 30;

  /** The stage, as jobs and messages call it. */
  String place() {
    return step(name());
  }

  /** A job of the stage, as Spark's UI calls it. */
  public String step(String what) {
    int block = sites.getFirst().block();
    return block < blocks
        ? "[%d/%d] %s: %s".formatted(block + 1, blocks, where(), what)
        : "%s: %s".formatted(where(), what);
  }

  /** The block that the stage is in, as messages call it, or what is behind all blocks. */
  String where() {
    int block = sites.getFirst().block();
    return block < blocks ? "block " + block : "behind the last block";
  }

  /** What the sites are called. */
  public String name() {
    return sites.size() == 1
        ? sites.getFirst().name()
        : "%s to %s".formatted(sites.getFirst().name(), sites.getLast().name());
  }

  /**
   * Neighbouring sites whose sums have room in files at a time; those without sums are left out.
   */
  public List<StageInputs> portions() {
    List<StageInputs> portions = new ArrayList<>();
    List<Site> taken = new ArrayList<>();
    long bytes = 0;
    for (Site site : sites) {
      long own = ofSite(site).stream().mapToLong(Sum::bytes).sum();
      if (own > 0 && !taken.isEmpty() && bytes + own > MOST_BYTES) {
        portions.add(of(taken));
        taken.clear();
        bytes = 0;
      }
      if (own > 0) {
        taken.add(site);
        bytes += own;
      }
    }
    if (!taken.isEmpty()) {
      portions.add(of(taken));
    }
    return portions;
  }

  private StageInputs of(List<Site> some) {
    List<Sum> own = sums.stream().filter(sum -> some.contains(sum.site())).toList();
    return new StageInputs(blocks, List.copyOf(some), own, chunks, metrics);
  }

  /** The sums of one site. */
  List<Sum> ofSite(Site site) {
    return sums.stream().filter(sum -> sum.site().equals(site)).toList();
  }

  List<ChunkInputs> chunks(boolean heldOut) {
    return chunks.stream().filter(chunk -> chunk.heldOut() == heldOut).toList();
  }

  /** Share of all tokens that came to a site. */
  public double share(Site site) {
    long all = chunks(false).stream().mapToLong(chunk -> chunk.rows().tokens()).sum();
    return (double) tokens(site, false) / all;
  }

  /** Tokens that came to a site. */
  long tokens(Site site, boolean heldOut) {
    return chunks(heldOut).stream().mapToLong(chunk -> chunk.tokens(site)).sum();
  }
}
