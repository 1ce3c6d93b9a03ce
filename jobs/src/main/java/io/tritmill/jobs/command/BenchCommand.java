package io.tritmill.jobs.command;

import io.tritmill.jobs.bench.KernelRate;
import io.tritmill.jobs.bench.Limits;
import io.tritmill.jobs.bench.Machine;
import io.tritmill.jobs.bench.SelfMeasurement;
import io.tritmill.jobs.bench.SelfMeasurement.Effort;
import io.tritmill.jobs.progress.Progress;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Measures this machine: what one thread can do at most, and how near to it each kernel comes.
 *
 * <pre>tritmill bench --quick</pre>
 */
@Command(
    name = "bench",
    description = "Measure this machine and every kernel against its limits, in one thread.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: tritmill bench --quick --format json"})
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private FormatOption format;

  @Option(names = "--quick", description = "Take a third of the time; less exact.")
  private boolean quick;

  @Override
  public Integer call() {
    SelfMeasurement measurement = SelfMeasurement.take(quick ? Effort.QUICK : Effort.FULL);
    format.print(spec.commandLine().getOut(), measurement, text(measurement));
    return Tritmill.ok();
  }

  private static String text(SelfMeasurement measurement) {
    Machine machine = measurement.machine();
    Limits limits = measurement.limits();
    Table table = new Table("kernel", "operands", "rate", "limit", "", "share", "limited by");
    for (KernelRate kernel : measurement.kernels()) {
      table.row(
          kernel.kernel(),
          kernel.shape(),
          rate(kernel.rate()),
          rate(kernel.boundRate()),
          kernel.unit(),
          "%.0f %%".formatted(100 * kernel.share()),
          kernel.bound());
    }
    return "%s, %d cores, %s%n%s kernels, %s%n"
            .formatted(
                machine.cpu(), machine.cores(), machine.system(), machine.vectors(), machine.jvm())
        + "one thread at most: %.1f GFLOP/s, %.1f GB/s from cache, %.1f GB/s from memory (%s)%n%n"
            .formatted(
                limits.gflops(),
                limits.cacheGbytes(),
                limits.memoryGbytes(),
                Progress.bytes(limits.memoryBytes()))
        + table
        + "%nmeasured in %.1f s%n".formatted(measurement.seconds());
  }

  private static String rate(double rate) {
    return rate < 10 ? "%.2f".formatted(rate) : "%.1f".formatted(rate);
  }
}
