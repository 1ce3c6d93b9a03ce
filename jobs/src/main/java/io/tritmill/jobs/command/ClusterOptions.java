package io.tritmill.jobs.command;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tritmill.jobs.bench.SelfMeasurement;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.plan.Cluster;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.Rates;
import io.tritmill.jobs.plan.SpeedProbe;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.storage.Storage;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** The cluster that a run is planned for, and how fast it is. */
final class ClusterOptions {
  private static final int MAX_BENCH = 1 << 22;

  @Option(
      names = "--cluster",
      paramLabel = "NxCcMg",
      description =
          "Cluster to plan for: N machines of C cores and M GiB for Spark, as 64x16c64g (default:"
              + " this machine alone).")
  private String shape;

  @Option(
      names = "--cores",
      paramLabel = "N",
      description = "Plan for one machine like this with N cores (default: this machine's).")
  private Integer cores;

  @Option(
      names = "--bandwidth",
      paramLabel = "MB",
      description =
          "Megabytes a second that a machine reads from storage (default: 1000, or 2000 without"
              + " --cluster).")
  private Double bandwidth;

  @Option(
      names = "--bench",
      paramLabel = "FILE",
      description =
          "What `tritmill bench --quick --format json` printed on a machine of the cluster"
              + " (default: its cores are like those here).")
  private String bench;

  Cluster cluster() {
    if (shape != null && cores != null) {
      throw BadInputException.usage("--cores and --cluster were both given; leave one out");
    }
    if (bandwidth != null && !(bandwidth > 0)) {
      throw BadInputException.usage("--bandwidth is %s, expected a positive number", bandwidth);
    }
    Cluster cluster = usable(shape == null ? this::local : () -> Cluster.parse(shape));
    return bandwidth == null ? cluster : cluster.withBandwidth(bandwidth * 1e6);
  }

  private Cluster local() {
    return Cluster.local(cores == null ? Runtime.getRuntime().availableProcessors() : cores);
  }

  /** Rates of a core: measured here, and scaled where a measurement of the cluster's is given. */
  Rates rates(Storage storage, SpeedProbe probe, Plan plan) {
    Rates here = probe.rates(plan);
    if (bench == null) {
      return here;
    }
    SelfMeasurement there =
        Json.read(
            bench,
            storage.read(storage.path(bench), MAX_BENCH),
            new TypeReference<SelfMeasurement>() {});
    if (there.kernels() == null) {
      throw BadInputException.broken(
          "%s: has no kernels, expected what tritmill bench --format json prints", bench);
    }
    return here.times(usable(there::speedAgainstHere));
  }

  private static <T> T usable(Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw BadInputException.usage("%s", e.getMessage());
    }
  }
}
