package io.tritmill.jobs.quantize;

import io.tritmill.jobs.calibrate.Calibration;
import io.tritmill.kernels.model.Site;
import java.util.List;

/**
 * The way of calibration streams through a model: block after block, site after site.
 *
 * <p>Streams cannot go back. Where they have passed a stage with work still to do, which a run that
 * was killed can leave, they begin again, and stages without work are passed.
 *
 * @param <T> a piece of work at a site
 */
interface SiteWalk<T> {
  /** What is still to be done at a site. */
  List<T> open(Site site);

  /** Moves the streams to the sites of a stage and does what is open there, if anything. */
  void visit(List<Site> stage, List<T> open);

  /** Goes through stages in their order. */
  default void run(Calibration calibration, List<List<Site>> stages) {
    for (List<Site> stage : stages) {
      List<T> open = stage.stream().flatMap(site -> open(site).stream()).toList();
      if (calibration.place() <= stage.getFirst().sublayer()) {
        visit(stage, open);
      } else if (!open.isEmpty()) {
        calibration.restart();
        run(calibration, stages);
        return;
      }
    }
  }
}
