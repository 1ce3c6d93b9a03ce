package io.tritmill.jobs.quantize;

import io.tritmill.jobs.calibrate.Calibration;
import io.tritmill.kernels.model.Site;
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
  List<T> open(Site site);

  /** Moves the streams to a site and does what is open there, if anything. */
  void visit(Site site, List<T> open);

  /** Goes through sites in their order. */
  default void run(Calibration calibration, List<Site> sites) {
    for (Site site : sites) {
      List<T> open = open(site);
      if (calibration.place() <= site.sublayer()) {
        visit(site, open);
      } else if (!open.isEmpty()) {
        calibration.restart();
        run(calibration, sites);
        return;
      }
    }
  }
}
