package io.tritmill.jobs.quantize;

import io.tritmill.jobs.calibrate.SiteStatistics;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.jobs.plan.Portions;
import io.tritmill.jobs.run.Ledger;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Runs shards on the cluster: first the passes over whole tensors that some methods need, then the
 * bands themselves.
 */
final class ShardRunner {
  private final JavaSparkContext spark;
  private final Storage storage;
  private final ModelSource transformed;
  private final RunDirectory run;
  private final int partitions;

  /**
   * A runner.
   *
   * @param transformed the transformed model; null where nothing is done to it
   * @param partitions tasks that share the shards; 0 for as many as suit the cluster
   */
  ShardRunner(
      JavaSparkContext spark,
      Storage storage,
      ModelSource transformed,
      RunDirectory run,
      int partitions) {
    this.spark = spark;
    this.storage = storage;
    this.transformed = transformed;
    this.run = run;
    this.partitions = partitions;
  }

  /**
   * Quantizes shards and enters each result in the ledger.
   *
   * @param onResult told of each result, in order of completion
   */
  void run(List<LayerShard> shards, Ledger<BandResult> ledger, Consumer<BandResult> onResult) {
    run("quantize %d bands".formatted(shards.size()), shards, shard -> null, ledger, onResult);
  }

  /**
   * Quantizes shards of some sites.
   *
   * @param description what Spark's UI calls the job
   * @param statistics what calibration learned at the site of a shard; null for one that needs none
   */
  void run(
      String description,
      List<LayerShard> shards,
      Function<LayerShard, SiteStatistics> statistics,
      Ledger<BandResult> ledger,
      Consumer<BandResult> onResult) {
    Map<String, LayerInputs> inputs = observe(shards, statistics);
    List<QuantizeBand.Input> work =
        shards.stream()
            .map(
                shard ->
                    new QuantizeBand.Input(
                        shard,
                        inputs.getOrDefault(shard.tensor().name(), LayerInputs.NONE),
                        statistics.apply(shard)))
            .toList();
    Tasks.run(
        spark,
        description,
        deal(work),
        new QuantizeBand(storage, transformed, run.parts().toString(), spark.sc().applicationId()),
        (BandResult result) -> {
          ledger.append(result);
          onResult.accept(result);
        });
  }

  /** Gathers, pass by pass, what methods must know of whole tensors. */
  private Map<String, LayerInputs> observe(
      List<LayerShard> shards, Function<LayerShard, SiteStatistics> statistics) {
    Map<String, LayerInputs> inputs = new HashMap<>();
    for (int pass = 0; ; pass++) {
      int current = pass;
      List<QuantizeBand.Input> work =
          shards.stream()
              .filter(shard -> shard.quantizer() != null)
              .filter(shard -> passes(shard, statistics.apply(shard)) > current)
              .map(
                  shard ->
                      new QuantizeBand.Input(
                          shard,
                          inputs.getOrDefault(shard.tensor().name(), LayerInputs.NONE),
                          statistics.apply(shard)))
              .toList();
      if (work.isEmpty()) {
        return inputs;
      }
      List<ObserveBand.Sums> sums = new ArrayList<>();
      Tasks.run(
          spark,
          "pass %d over %d bands for what whole tensors have".formatted(pass + 1, work.size()),
          deal(work),
          new ObserveBand(storage, transformed),
          sums::add);
      merge(sums)
          .forEach(
              (tensor, values) ->
                  inputs.put(tensor, inputs.getOrDefault(tensor, LayerInputs.NONE).with(values)));
    }
  }

  private static int passes(LayerShard shard, SiteStatistics statistics) {
    Quantizer method = Learning.of(shard, statistics).method();
    return shard.whole() ? method.passes() : method.passesOverBands().orElseThrow();
  }

  /** Adds the bands' sums in row order, whatever order they came in. */
  private static Map<String, double[]> merge(List<ObserveBand.Sums> sums) {
    Map<String, double[]> totals = new LinkedHashMap<>();
    sums.stream()
        .sorted(Comparator.comparingInt(ObserveBand.Sums::shard))
        .forEach(
            band -> {
              double[] total =
                  totals.computeIfAbsent(band.tensor(), tensor -> new double[band.values().length]);
              for (int i = 0; i < total.length; i++) {
                total[i] += band.values()[i];
              }
            });
    return totals;
  }

  /** Tasks of shards in their order. */
  private List<List<QuantizeBand.Input>> deal(List<QuantizeBand.Input> work) {
    List<QuantizeBand.Input> ordered =
        work.stream()
            .sorted(
                Comparator.comparing(
                    QuantizeBand.Input::shard,
                    Portions.costlyFirst(work.stream().map(QuantizeBand.Input::shard).toList())))
            .toList();
    ToLongFunction<QuantizeBand.Input> cost = input -> input.shard().cost();
    return partitions == 0
        ? Portions.guided(ordered, cost, spark.defaultParallelism())
        : Portions.even(ordered, cost, partitions);
  }
}
