package io.tritmill.jobs.command;

import io.tritmill.jobs.plan.Cluster;
import io.tritmill.jobs.plan.ExecutorLayout;
import io.tritmill.jobs.plan.Fate;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.PlannedTensor;
import io.tritmill.jobs.plan.Rates;
import io.tritmill.jobs.plan.SpeedProbe;
import io.tritmill.jobs.plan.TimeEstimate;
import io.tritmill.jobs.progress.Activity;
import io.tritmill.jobs.progress.Progress;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.spark.SparkSessions;
import io.tritmill.jobs.storage.Storage;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Says what a run would do, from headers alone: every tensor, its method, size and bits, what is
 * kept and why; then the memory and the settings of executors, and how long it may take, on this
 * machine or on a cluster. A config.json without weights is enough.
 *
 * <pre>tritmill plan --model ./llama --recipe ptqtp --cluster 64x16c64g</pre>
 */
@Command(
    name = "plan",
    description = "Say what a run would do, from headers alone.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: tritmill plan --model ./llama --recipe ptqtp --cluster 64x16c64g"})
final class PlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelOptions model;
  @Mixin private FormatOption format;

  @Mixin private ClusterOptions on;

  @Option(
      names = "--calibration",
      paramLabel = "D",
      description =
          "Data set that compress will be given; only whether it can be read is looked at.")
  private List<String> calibration = List.of();

  @Override
  public Integer call() {
    Storage storage = SparkSessions.storage();
    Recipe recipe = model.recipe(storage);
    try (SpeedProbe probe = SpeedProbe.begin(recipe)) {
      return plan(storage, model.look(storage, recipe, calibration), probe);
    }
  }

  private int plan(Storage storage, ModelOptions.Planned planned, SpeedProbe probe) {
    Plan plan = planned.plan();
    Cluster cluster = on.cluster();
    ExecutorLayout layout = ExecutorLayout.of(plan, cluster);
    Rates rates =
        Activity.during("measuring how fast this machine is", () -> on.rates(storage, probe, plan));
    TimeEstimate time = TimeEstimate.of(plan, cluster, layout, rates, planned.recipe());
    // Tens of thousands of tensors take a second in either form: only the wanted one is made.
    format.print(
        spec.commandLine().getOut(),
        format.text() ? null : json(plan, cluster, layout, time),
        format.text() ? text(plan) + ClusterText.of(plan, cluster, layout, time) : "");
    return Tritmill.ok();
  }

  private static Map<String, Object> json(
      Plan plan, Cluster cluster, ExecutorLayout layout, TimeEstimate time) {
    Map<String, Object> json = plan.toJson();
    json.put("seconds_low", time.low());
    json.put("seconds_expected", time.expected());
    json.put("seconds_high", time.high());
    json.put("phases", time.phases());
    json.put("cores", cluster.machines() * cluster.cores());
    json.put("executors", layout.executors());
    json.put("tasks_at_a_time", layout.slots());
    if (cluster.isLocal()) {
      json.put("environment", layout.environment());
    } else {
      json.put("conf", layout.conf());
    }
    return json;
  }

  private static String text(Plan plan) {
    Table table =
        new Table("tensor", "dtype", "shape", "method", "bits/weight", "bytes", "becomes", "note");
    for (PlannedTensor tensor : plan.tensors()) {
      table.row(
          tensor.tensor().name(),
          tensor.tensor().dtype(),
          shape(tensor),
          tensor.method(),
          "%.3f".formatted(tensor.bitsPerWeight()),
          Progress.bytes(tensor.tensor().storedBytes()),
          Progress.bytes(tensor.bytesOut()),
          note(tensor));
    }
    StringBuilder text = new StringBuilder(table.toString()).append('\n');
    plan.warnings().forEach(warning -> text.append("warning: %s%n".formatted(warning)));
    text.append(
        "%d of %d tensors are quantized, %,d of %,d parameters, in %s%n"
            .formatted(
                plan.layers().size(),
                plan.tensors().size(),
                plan.quantizedParameters(),
                plan.parameters(),
                Progress.count(plan.shards().size(), "band")));
    text.append(
        "%s become %s; bits per weight: %s%n"
            .formatted(
                Progress.bytes(plan.bytesIn()),
                Progress.bytes(plan.bytesOut()),
                Progress.bits(
                    plan.layers().isEmpty() ? Double.NaN : plan.bitsPerWeight(),
                    plan.bitsPerWeightOfModel())));
    plan.fates()
        .forEach(
            (fate, of) ->
                text.append(
                    "%s: %s%n"
                        .formatted(
                            fate, SummaryText.totals(of.tensors(), of.bytesIn(), of.bytesOut()))));
    return text.toString();
  }

  private static String note(PlannedTensor tensor) {
    String reason = tensor.reason() == null ? "" : tensor.reason();
    return tensor.fate() == Fate.PASSED_THROUGH || tensor.fate() == Fate.UNREAD
        ? "%s: %s".formatted(tensor.fate(), reason)
        : reason;
  }

  private static String shape(PlannedTensor tensor) {
    return String.join(
        "x", tensor.tensor().shape().stream().map(size -> Long.toString(size)).toList());
  }
}
