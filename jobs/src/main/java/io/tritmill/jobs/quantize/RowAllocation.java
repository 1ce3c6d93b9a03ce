package io.tritmill.jobs.quantize;

import io.tritmill.jobs.calibrate.Calibration;
import io.tritmill.jobs.calibrate.SiteStatistics;
import io.tritmill.jobs.calibrate.StageInputs;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.PlannedTensor;
import io.tritmill.jobs.plan.RowBudget;
import io.tritmill.jobs.progress.Activity;
import io.tritmill.jobs.progress.Progress;
import io.tritmill.jobs.run.Ledger;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.CheckedJson;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.code.PlaneCounts;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.allocate.PlaneAllocation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Decides how many planes each row has, before any layer is fitted.
 *
 * <p>The full-precision model is walked site by site. Each layer whose rows choose is solved there
 * with one, two and three planes in all rows, one task a layer, and what each row loses goes into a
 * ledger. Where it is measured by the model's loss, it counts as much more as an error there grows
 * on its way to the last block's end. Then all rows are weighed against each other, on the driver,
 * and {@link RowChoice} keeps what they get: a run that was killed goes on from either.
 */
final class RowAllocation {
  private final JavaSparkContext spark;
  private final Storage storage;
  private final ModelSource source;
  private final RunDirectory run;
  private final Runnable requireLock;
  private final Consumer<String> remarks;

  /**
   * @param source the full-precision model, transformed as the recipe says
   * @param requireLock throws where the run has gone over to another application
   * @param remarks gets a sentence for whatever a person may want to know
   */
  RowAllocation(
      JavaSparkContext spark,
      Storage storage,
      ModelSource source,
      RunDirectory run,
      Runnable requireLock,
      Consumer<String> remarks) {
    this.spark = spark;
    this.storage = storage;
    this.source = source;
    this.run = run;
    this.requireLock = requireLock;
    this.remarks = remarks;
  }

  /**
   * The plan with the planes of all rows decided.
   *
   * @param calibration streams of the full-precision model, for this alone
   */
  Plan decide(Plan plan, Supplier<Calibration> calibration) {
    RowBudget budget = RowBudget.of(plan.layers());
    RowChoice choice = RowChoice.read(storage, run, budget.layers(), remarks);
    if (choice == null) {
      choice = choose(budget, calibration.get());
      requireLock.run();
      storage.publish(run.planes(), CheckedJson.document(choice));
    }
    Plan decided = plan.withPlanes(choice.counts());
    remarks.accept(
        "rows choose their planes: %s, from a budget of %s bits; bits per weight: %s"
            .formatted(
                choice.total(),
                choice.bits(),
                Progress.bits(decided.bitsPerWeight(), decided.bitsPerWeightOfModel())));
    return decided;
  }

  private RowChoice choose(RowBudget budget, Calibration calibration) {
    Map<String, RowDamage> damages = measure(budget.layers(), calibration);
    List<PlaneAllocation.Layer> measured = new ArrayList<>();
    for (PlannedTensor layer : budget.layers()) {
      boolean ofLoss = layer.quantizer().needs().contains(Need.OUTPUT_METRIC);
      double growth = ofLoss ? calibration.growth(layer.site()) : 1;
      measured.add(damages.get(layer.tensor().name()).layer(layer, growth));
    }
    List<PlaneCounts> counts =
        Activity.during(
            "sharing the bits out over all rows",
            () -> PlaneAllocation.allocate(measured, budget.total()));
    return RowChoice.of(budget, counts);
  }

  private Map<String, RowDamage> measure(List<PlannedTensor> layers, Calibration calibration) {
    Map<String, RowDamage> damages = new HashMap<>();
    Ledger.read(
            storage,
            run.damages(),
            RowDamage.class,
            sentence -> remarks.accept("%s; its layers are measured again".formatted(sentence)))
        .forEach(damage -> damages.put(damage.tensor(), damage));
    try (Ledger<RowDamage> ledger = new Ledger<>(storage, run.damages())) {
      if (layers.stream().anyMatch(layer -> !damages.containsKey(layer.tensor().name()))) {
        walk(layers, calibration, damages, ledger);
      }
    }
    return damages;
  }

  private void walk(
      List<PlannedTensor> layers,
      Calibration calibration,
      Map<String, RowDamage> damages,
      Ledger<RowDamage> ledger) {
    int blocks = 1 + layers.stream().mapToInt(PlannedTensor::block).max().orElse(-1);
    List<List<Site>> stages =
        source.architecture().stages().stream()
            .filter(stage -> stage.getFirst().block() < blocks)
            .toList();
    new SiteWalk<PlannedTensor>() {
      @Override
      public List<PlannedTensor> open(Site site) {
        return layers.stream()
            .filter(layer -> layer.site().equals(site))
            .filter(layer -> !damages.containsKey(layer.tensor().name()))
            .toList();
      }

      @Override
      public void visit(List<Site> stage, List<PlannedTensor> open) {
        StageInputs inputs =
            calibration.moveTo(
                stage,
                List.of(),
                SiteNeeds.of(
                    open, PlannedTensor::site, PlannedTensor::quantizer, MeasureRows::needs));
        if (!open.isEmpty()) {
          for (StageInputs portion : inputs.portions()) {
            measure(open, portion, calibration, damages, ledger);
          }
          calibration.letGo(inputs);
        }
      }
    }.run(calibration, stages);
  }

  private void measure(
      List<PlannedTensor> open,
      StageInputs portion,
      Calibration calibration,
      Map<String, RowDamage> damages,
      Ledger<RowDamage> ledger) {
    Map<Site, SiteStatistics> statistics = calibration.sum(portion);
    List<PlannedTensor> layers =
        open.stream().filter(layer -> statistics.containsKey(layer.site())).toList();
    Tasks.run(
        spark,
        "[%d/%d] block %d: try planes for the rows of %d layers of %s"
            .formatted(
                portion.sites().getFirst().block() + 1,
                portion.blocks(),
                portion.sites().getFirst().block(),
                layers.size(),
                portion.name()),
        layers.stream()
            .map(
                layer ->
                    List.of(
                        new MeasureRows.Input(
                            layer.tensor(),
                            layer.quantizer(),
                            portion.share(layer.site()),
                            statistics.get(layer.site()))))
            .toList(),
        new MeasureRows(storage, source),
        (RowDamage damage) -> {
          requireLock.run();
          ledger.append(damage);
          damages.put(damage.tensor(), damage);
        });
    statistics.values().forEach(calibration::release);
  }
}
