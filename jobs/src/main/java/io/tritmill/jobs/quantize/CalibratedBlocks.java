package io.tritmill.jobs.quantize;

import io.tritmill.jobs.calibrate.Calibration;
import io.tritmill.jobs.calibrate.SiteStatistics;
import io.tritmill.jobs.calibrate.SolvedLayer;
import io.tritmill.jobs.calibrate.StageInputs;
import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.PlannedTensor;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.Sideline;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.quantize.Quantizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Function;

/**
 * Fits the layers that learn from data: site after site, block after block, and the head last.
 *
 * <p>With error propagation a site's inputs are those that the layers compressed before it leave;
 * without it they are those of the full-precision model, and the layers of many sites are fitted at
 * a time.
 */
final class CalibratedBlocks {
  private final Recipe recipe;
  private final RunDirectory run;
  private final Map<String, BandResult> results;
  private final Calibration calibration;
  private final Map<Site, List<PlannedTensor>> tensors = new HashMap<>();
  private final Map<String, List<LayerShard>> shards = new HashMap<>();
  private final Map<String, Site> siteOf = new HashMap<>();
  private final int blocks;
  private final List<Site> sites;
  private final List<List<Site>> stages;
  private final int aside;
  private final AtomicLongArray calibrateNanos;
  private final AtomicLongArray solveNanos;

  /** Runs shards of one site. */
  interface Solver {
    void solve(
        String description,
        List<LayerShard> shards,
        Function<LayerShard, SiteStatistics> statistics);
  }

  /**
   * @param results of all shards that are done; more are added as they are, by other threads too
   * @param aside sites whose layers may be fitted while the streams go on, where no error is
   *     propagated
   */
  CalibratedBlocks(
      Architecture model,
      Plan plan,
      Recipe recipe,
      RunDirectory run,
      Map<String, BandResult> results,
      Calibration calibration,
      int aside) {
    this.aside = aside;
    this.recipe = recipe;
    this.run = run;
    this.results = results;
    this.calibration = calibration;
    int most = -1;
    Site head = null;
    for (PlannedTensor tensor : plan.layers()) {
      if (tensor.module() == null || tensor.head() && !tensor.learns()) {
        continue;
      }
      head = tensor.head() ? tensor.site() : head;
      tensors.computeIfAbsent(tensor.site(), site -> new ArrayList<>()).add(tensor);
      siteOf.put(tensor.tensor().name(), tensor.site());
      most = Math.max(most, tensor.block());
    }
    blocks = head == null ? most + 1 : model.blocks();
    sites = new ArrayList<>(model.sites());
    sites.removeIf(site -> site.block() >= blocks);
    stages = new ArrayList<>(model.stages());
    stages.removeIf(stage -> stage.getFirst().block() >= blocks);
    if (head != null) {
      sites.add(head);
      stages.add(List.of(head));
    }
    // The last one is the head's, which is in no block.
    calibrateNanos = new AtomicLongArray(blocks + 1);
    solveNanos = new AtomicLongArray(blocks + 1);
    for (LayerShard shard : plan.shards()) {
      shards.computeIfAbsent(shard.tensor().name(), name -> new ArrayList<>()).add(shard);
    }
  }

  /**
   * Fits every layer that is not done.
   *
   * @return what is known of each block
   */
  Map<Integer, BlockResult> solve(Solver solver) {
    try (Sideline sideline = new Sideline(aside)) {
      new SiteWalk<LayerShard>() {
        @Override
        public List<LayerShard> open(Site site) {
          return openAt(site);
        }

        @Override
        public void visit(List<Site> stage, List<LayerShard> open) {
          solve(stage, open, solver, sideline);
        }
      }.run(calibration, stages);
      sideline.await();
    }
    if (recipe.propagateError()) {
      calibration.finish(solved(sites.size()));
    }
    Map<Integer, BlockResult> known = new HashMap<>();
    for (int block = 0; block < blocks; block++) {
      long calibrated = calibrateNanos.get(block);
      long wall = calibrated + solveNanos.get(block);
      known.put(block, new BlockResult(calibration.hidden().get(block), wall, calibrated));
    }
    return known;
  }

  private void solve(List<Site> stage, List<LayerShard> open, Solver solver, Sideline sideline) {
    long begin = System.nanoTime();
    int block = stage.getFirst().block();
    StageInputs inputs =
        calibration.moveTo(
            stage,
            solved(stage.getFirst().index()),
            SiteNeeds.of(open, this::site, LayerShard::quantizer, Quantizer::needs));
    calibrateNanos.addAndGet(block, System.nanoTime() - begin);
    if (open.isEmpty()) {
      return;
    }
    if (recipe.propagateError()) {
      solve(open, solver, inputs);
    } else {
      sideline.begin(() -> solve(open, solver, inputs));
    }
  }

  private void solve(List<LayerShard> open, Solver solver, StageInputs inputs) {
    for (StageInputs portion : inputs.portions()) {
      int block = portion.sites().getFirst().block();
      long begin = System.nanoTime();
      Map<Site, SiteStatistics> statistics = calibration.sum(portion);
      long summed = System.nanoTime();
      calibrateNanos.addAndGet(block, summed - begin);
      List<LayerShard> shards =
          open.stream().filter(shard -> statistics.containsKey(site(shard))).toList();
      String description =
          portion.step("solve %d layers of %s".formatted(layers(shards), portion.name()));
      solver.solve(description, shards, shard -> statistics.get(site(shard)));
      statistics.values().forEach(calibration::release);
      solveNanos.addAndGet(block, System.nanoTime() - summed);
    }
    calibration.letGo(inputs);
  }

  private static int layers(List<LayerShard> shards) {
    return (int) shards.stream().map(shard -> shard.tensor().name()).distinct().count();
  }

  private Site site(LayerShard shard) {
    return siteOf.get(shard.tensor().name());
  }

  private List<LayerShard> openAt(Site site) {
    return tensors.getOrDefault(site, List.of()).stream()
        .flatMap(tensor -> shards.get(tensor.tensor().name()).stream())
        .filter(shard -> shard.learns() && !results.containsKey(shard.key()))
        .toList();
  }

  /**
   * The compressed layers that streams meet on their way to a site from the one before it: never
   * the head, where they end.
   *
   * @param next index of the site; the number of sites for the end
   */
  private List<SolvedLayer> solved(int next) {
    if (!recipe.propagateError() || next == 0) {
      return List.of();
    }
    List<SolvedLayer> layers = new ArrayList<>();
    int from = sites.get(next - 1).sublayer();
    for (Site site : sites.subList(0, next)) {
      if (site.sublayer() >= from && site.block() < blocks) {
        tensors.getOrDefault(site, List.of()).forEach(tensor -> layers.add(solved(tensor)));
      }
    }
    return layers;
  }

  private SolvedLayer solved(PlannedTensor tensor) {
    return SolvedLayers.of(tensor, shards.get(tensor.tensor().name()), run, results);
  }
}
