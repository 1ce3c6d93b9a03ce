package io.tritmill.jobs.command;

import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.PlannedTensor;
import io.tritmill.jobs.plan.SpeedProbe;
import io.tritmill.jobs.run.Progress;
import io.tritmill.jobs.spark.SparkSessions;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Says what a run would do, from headers alone: every tensor, its method, size and bits, what is
 * kept and why, memory of a task, and how long it may take.
 *
 * <pre>tritmill plan --model ./llama --recipe ptqtp</pre>
 */
@Command(
    name = "plan",
    description = "Say what a run would do, from headers alone.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: tritmill plan --model ./llama --recipe ptqtp --cores 64"})
final class PlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelOptions model;
  @Mixin private FormatOption format;

  @Option(
      names = "--cores",
      paramLabel = "N",
      description = "Cores to estimate the time for (default: this machine's).")
  private Integer cores;

  @Override
  public Integer call() {
    Plan plan = model.plan(SparkSessions.storage()).plan();
    int assumed = cores == null ? Runtime.getRuntime().availableProcessors() : cores;
    SpeedProbe.Range seconds = SpeedProbe.estimate(plan, assumed);
    Map<String, Object> json = plan.toJson();
    json.put("seconds_low", seconds.low());
    json.put("seconds_high", seconds.high());
    json.put("cores", seconds.cores());
    format.print(spec.commandLine().getOut(), json, text(plan, seconds));
    return Tritmill.ok();
  }

  private static String text(Plan plan, SpeedProbe.Range seconds) {
    Table table =
        new Table("tensor", "dtype", "shape", "method", "bits/weight", "bytes", "becomes", "note");
    for (PlannedTensor tensor : plan.tensors()) {
      table.row(
          tensor.tensor().name(),
          tensor.tensor().dtype(),
          shape(tensor),
          tensor.method(),
          "%.3f".formatted(tensor.bitsPerWeight()),
          Progress.bytes(tensor.tensor().bytes()),
          Progress.bytes(tensor.bytesOut()),
          tensor.reason() == null ? "" : tensor.reason());
    }
    StringBuilder text = new StringBuilder(table.toString()).append('\n');
    plan.warnings().forEach(warning -> text.append("warning: %s%n".formatted(warning)));
    text.append(
        "%d of %d tensors are quantized, %,d of %,d parameters, in %d bands%n"
            .formatted(
                plan.layers().size(),
                plan.tensors().size(),
                plan.quantizedParameters(),
                plan.parameters(),
                plan.shards().size()));
    text.append(
        "%s become %s; %.3f bits a quantized weight, %.3f over the whole model%n"
            .formatted(
                Progress.bytes(plan.bytesIn()),
                Progress.bytes(plan.bytesOut()),
                plan.bitsPerWeight(),
                plan.bitsPerWeightOfModel()));
    text.append(
        "a task holds at most %s; executors need that for each of their cores, and 512 MiB%n"
            .formatted(Progress.bytes(plan.memoryPerTask())));
    text.append(
        "on %d cores like these: %s to %s%s%n"
            .formatted(
                seconds.cores(),
                Progress.duration(seconds.low()),
                Progress.duration(seconds.high()),
                plan.learns() ? ", and the time to take calibration data through the model" : ""));
    return text.toString();
  }

  private static String shape(PlannedTensor tensor) {
    return String.join(
        "x", tensor.tensor().shape().stream().map(size -> Long.toString(size)).toList());
  }
}
