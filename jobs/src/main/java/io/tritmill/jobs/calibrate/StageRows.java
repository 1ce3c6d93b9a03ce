package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.calibrate.stream.FileRows;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.forward.Routes;
import java.io.Serializable;

/**
 * Which rows of a stage's files came to which of its sites: all, or those of one expert after those
 * of another.
 *
 * @param tokens that came to the stage
 * @param ends where each expert's rows end; null where all tokens come to the one site there is
 * @param inputs checksums of each expert's rows of inputs; null likewise
 * @param clean those of the full-precision model; null likewise, and where they were not asked for
 */
record StageRows(int tokens, int[] ends, long[] inputs, long[] clean) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** All tokens come to one site. */
  static StageRows all(int tokens) {
    return new StageRows(tokens, null, null, null);
  }

  /** Experts' tokens come to experts. */
  static StageRows routed(int tokens, Routes routes, long[] inputs, long[] clean) {
    return new StageRows(tokens, routes.ends(), inputs, clean);
  }

  /** Tokens that came to a site. */
  int count(Site site) {
    return ends == null ? tokens : ends[site.expert()] - begin(site);
  }

  /** The first row of a site. */
  int begin(Site site) {
    return ends == null || site.expert() == 0 ? 0 : ends[site.expert() - 1];
  }

  /** Rows of a file. */
  int inFile() {
    return ends == null ? tokens : ends[ends.length - 1];
  }

  /** Where a site's inputs lie. */
  FileRows inputsOf(Site site) {
    return rows(site, inputs);
  }

  /** Where those of the full-precision model lie. */
  FileRows cleanOf(Site site) {
    return rows(site, clean);
  }

  private FileRows rows(Site site, long[] checksums) {
    return ends == null
        ? FileRows.all(tokens)
        : new FileRows(begin(site), count(site), inFile(), checksums[site.expert()]);
  }
}
