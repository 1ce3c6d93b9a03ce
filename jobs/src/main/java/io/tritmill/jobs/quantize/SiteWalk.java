package io.tritmill.jobs.quantize;

import io.tritmill.jobs.calibrate.Calibration;
import io.tritmill.kernels.model.TapSite;
import java.util.List;

/**
 * The way of calibration streams through a model: block after block, site after site.
 *
 * <p>Streams cannot go back. Where they have passed a site with work still to do, which a run that
 * was killed can leave, they begin again, and sites without work are passed.
 *
 * @param <T> a piece of work at a site
 */
interface SiteWalk<T> {
  /** What is still to be done at a site. */
  List<T> open(int block, TapSite site);

  /** Moves the streams to a site and does what is open there, if anything. */
  void visit(int block, TapSite site, List<T> open);

  /** Goes through the first so many blocks. */
  default void run(Calibration calibration, int blocks) {
    for (int block = 0; block < blocks; block++) {
      for (TapSite site : TapSite.values()) {
        List<T> open = open(block, site);
        int reached = 2 * block + site.half();
        if (calibration.place() <= reached) {
          visit(block, site, open);
        } else if (!open.isEmpty()) {
          calibration.restart();
          run(calibration, blocks);
          return;
        }
      }
    }
  }
}
