package io.tritmill.kernels.quantize.band;

import io.tritmill.kernels.parallel.Cores;
import io.tritmill.kernels.quantize.SolveReport;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * Independent rows, solved a few hundred at a time, so that what a column step touches stays in the
 * caches, and on all cores that idle.
 */
public final class RowParts {
  /** Floats of a part: 16 MiB. */
  private static final int FLOATS = 1 << 22;

  /** Rows of a part of a wide layer. */
  private static final int FEWEST = 256;

  private static final int MOST = 1024;

  /** Rows of a part at least where cores share a few. */
  private static final int FEWEST_SHARED = 128;

  /** Parts hold multiples of so many rows: whole tiles of a product. */
  private static final int ALIGNED = 32;

  private final Supplier<BandSolver> solvers;
  private final Queue<BandSolver> all = new ConcurrentLinkedQueue<>();
  private final Queue<BandSolver> free = new ConcurrentLinkedQueue<>();

  /**
   * Parts that are solved by solvers of one kind.
   *
   * @param solvers makes one for each thread; those that there are by then share what rows have in
   *     common
   */
  public RowParts(Supplier<BandSolver> solvers) {
    this.solvers = solvers;
  }

  /** Solves some rows. */
  public interface Work {
    void run(BandSolver solver, int row, int rows);
  }

  /** Works through rows 0 to {@code rows - 1} of a layer. */
  public void each(int rows, int columns, Work work) {
    parts(rows, atOnce(rows, columns), work);
  }

  /** Works on all rows at once. */
  void together(int rows, Work work) {
    parts(rows, Math.max(1, rows), work);
  }

  private void parts(int rows, int atOnce, Work work) {
    Cores.each(
        Math.ceilDiv(rows, atOnce),
        part -> {
          BandSolver solver = take();
          int row = part * atOnce;
          work.run(solver, row, Math.min(atOnce, rows - row));
          free.add(solver);
        });
  }

  private BandSolver take() {
    BandSolver solver = free.poll();
    if (solver == null) {
      solver = solvers.get();
      all.add(solver);
    }
    return solver;
  }

  /** What there is to tell of all rows solved so far. */
  public SolveReport report() {
    SolveReport report = SolveReport.NONE;
    for (BandSolver solver : all) {
      report = report.plus(solver.report());
    }
    return report;
  }

  /** Rows of a part: as many for each core. */
  private static int atOnce(int rows, int columns) {
    int most = Math.clamp(FLOATS / columns, FEWEST, MOST);
    int cores = Cores.available();
    int parts = Math.ceilDiv(Math.ceilDiv(Math.max(1, rows), most), cores) * cores;
    int even = Math.ceilDiv(Math.ceilDiv(rows, parts), ALIGNED) * ALIGNED;
    return Math.clamp(even, FEWEST_SHARED, most);
  }
}
