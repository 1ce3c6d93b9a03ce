package io.tritmill.jobs.command;

import io.tritmill.jobs.export.RunExports;
import io.tritmill.jobs.gate.AcceptedRun;
import io.tritmill.jobs.gate.RunGate;
import io.tritmill.jobs.plan.Cluster;
import io.tritmill.jobs.plan.ExecutorLayout;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.progress.Progress;
import io.tritmill.jobs.quantize.CompressPipeline;
import io.tritmill.jobs.quantize.CompressPipeline.Resume;
import io.tritmill.jobs.run.Place;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunState;
import io.tritmill.jobs.run.RunSummary;
import io.tritmill.jobs.spark.OpenSession;
import io.tritmill.jobs.spark.SparkSessions;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.verify.Verification;
import io.tritmill.jobs.verify.Verifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Compresses a checkpoint into a run directory.
 *
 * <p>Started again on the same output it goes on where it stopped; a complete run is verified. A
 * run that its gate refuses is complete all the same, and says why.
 *
 * <pre>tritmill compress --model ./llama --recipe ptqtp --output ./runs/llama-ptqtp</pre>
 */
@Command(
    name = "compress",
    description = "Compress a checkpoint into a run directory.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example: tritmill compress --model s3a://models/llama --recipe ptqtp"
          + " --output s3a://runs/llama-ptqtp",
      "Killed and started again, it goes on where it stopped."
    })
final class CompressCommand implements Callable<Integer> {
  private static final double MOST_OF_HEAP = 0.9;

  private static final int SAMPLED_LAYERS = 3;

  @Spec private CommandSpec spec;
  @Mixin private ModelOptions model;
  @Mixin private GateOptions gate;
  @Mixin private FormatOption format;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "RUN",
      description = "Run directory: new, or that of a run to go on with.")
  private String output;

  @Option(
      names = "--resume",
      paramLabel = "auto|never|require",
      defaultValue = "auto",
      description =
          "Go on from an unfinished run there, refuse to, or insist on it" + " (default: auto).")
  private Resume resume;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Tasks that share the layers; the result is the same for any number"
              + " (default: as many as suit the cluster).")
  private int partitions;

  @Option(
      names = "--calibration",
      paramLabel = "D",
      description =
          "Data set that layers learn from, for a recipe that needs one; given several times, each"
              + " gives the same share of the sequences.")
  private List<String> calibration = List.of();

  @Option(
      names = "--export",
      paramLabel = "F",
      description =
          "Format of other programs to write the run in too, below RUN/export, as tritmill export"
              + " names it; may be given several times, besides those of the recipe.")
  private List<String> exports = List.of();

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    // What is wrong with model, recipe or output is said before a cluster is asked for anything.
    Storage storage = SparkSessions.storage();
    RunDirectory run = RunDirectory.at(storage.outputPath(output));
    ModelOptions.Planned planned = model.plan(storage, calibration);
    RunExports others = new RunExports(storage, run, planned.recipe(), exports);
    others.requireModel(planned.checkpoint());
    Optional<AcceptedRun> accepted = gate.accepted(storage, run);
    planned.plan().warnings().forEach(warning -> System.err.println("warning: " + warning));
    if (SparkSessions.isLocal()) {
      littleMemory(planned.plan(), Runtime.getRuntime().maxMemory())
          .ifPresent(warning -> System.err.println("warning: " + warning));
    }
    RunState state = CompressPipeline.check(storage, run, planned.plan(), resume);
    if (state != RunState.COMPLETE) {
      Place.requireWritable(storage, run);
    }
    try (OpenSession open = SparkSessions.open("compress")) {
      SparkSession session = open.spark();
      if (state == RunState.COMPLETE) {
        System.err.println(run.path() + ": is complete already; verifying it");
        Verification verification = new Verifier(session, storage).verify(run, SAMPLED_LAYERS);
        VerifyCommand.require(verification, run);
        new RunGate(storage, run, accepted).renew(session.sparkContext().applicationId());
      } else {
        new CompressPipeline(session, storage, System.err, accepted)
            .run(
                planned.checkpoint(),
                planned.plan(),
                planned.recipe(),
                run,
                partitions,
                planned.calibration());
      }
      others.write(System.err);
      RunSummary summary = RunSummary.read(storage, run);
      format.printRun(out, summary, run);
      gate.require(run, RunGate.read(storage, run));
      return Tritmill.ok();
    }
  }

  /** A sentence where this JVM has less memory than the plan would give it. */
  static Optional<String> littleMemory(Plan plan, long found) {
    Cluster machine = Cluster.local(Runtime.getRuntime().availableProcessors());
    ExecutorLayout layout = ExecutorLayout.of(plan, machine);
    // What Java calls its most is a little less than what it was given.
    return found >= MOST_OF_HEAP * layout.driverBytes()
        ? Optional.empty()
        : Optional.of(
            "the plan asks for %s of memory on this machine, and Java has %s; if that is not enough,"
                    .formatted(Progress.bytes(layout.driverBytes()), Progress.bytes(found))
                + " set TRITMILL_MEMORY=%s and run the same command again"
                    .formatted(layout.environment().get("TRITMILL_MEMORY")));
  }
}
