package io.tritmill.jobs.command;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.gguf.GgufFiles;
import io.tritmill.jobs.run.Place;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.OpenSession;
import io.tritmill.jobs.spark.SparkSessions;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.verify.CheckpointVerification;
import io.tritmill.jobs.verify.CheckpointVerifier;
import io.tritmill.jobs.verify.Verification;
import io.tritmill.jobs.verify.Verifier;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Verifies a complete run: checksums of every file, and the errors of sampled layers derived again
 * from the packed bytes. Of a checkpoint, one that was exported or a GGUF file, every tensor is
 * read.
 *
 * <pre>tritmill verify ./runs/llama-ptqtp --layers 10</pre>
 */
@Command(
    name = "verify",
    description = {
      "Check every byte of a run, and derive the errors of sampled layers again;",
      "of an exported folder or a GGUF file, that it is whole and all its weights and scales sound."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: tritmill verify ./runs/llama-ptqtp --layers 10"})
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private FormatOption format;

  @Parameters(
      paramLabel = "RUN|M",
      description = "Run directory, or the folder or GGUF file of a checkpoint.")
  private String run;

  @Option(
      names = "--layers",
      paramLabel = "N",
      defaultValue = "3",
      description = "Layers whose errors are derived again (default: 3).")
  private int layers;

  @Override
  public Integer call() throws IOException {
    Storage storage = SparkSessions.storage();
    Path given = storage.path(run);
    RunDirectory directory = RunDirectory.at(given);
    if (isModel(storage, given, directory)) {
      return verifyModel(storage, given);
    }
    Place.requireComplete(storage, directory);
    try (OpenSession open = SparkSessions.open("verify")) {
      SparkSession session = open.spark();
      Verification verification = new Verifier(session, storage).verify(directory, layers);
      format.print(spec.commandLine().getOut(), verification, text(verification));
      require(verification, directory);
      return Tritmill.ok();
    }
  }

  /** Whether a path is the weights of a model and no run. */
  private static boolean isModel(Storage storage, Path given, RunDirectory directory) {
    return GgufFiles.named(given.getName())
        || !storage.exists(directory.plan())
            && storage.exists(given)
            && (storage.exists(new Path(given, "config.json"))
                || GgufFiles.at(storage, given).isPresent());
  }

  private int verifyModel(Storage storage, Path given) throws IOException {
    storage.status(given);
    Checkpoint checkpoint = CheckpointVerifier.open(storage, given);
    try (OpenSession open = SparkSessions.open("verify")) {
      CheckpointVerification verification =
          new CheckpointVerifier(
                  JavaSparkContext.fromSparkContext(open.spark().sparkContext()), storage)
              .verify(checkpoint);
      StringBuilder text = new StringBuilder();
      verification.problems().forEach(problem -> text.append("problem: %s%n".formatted(problem)));
      text.append("%s: %s%n".formatted(given, verification.verdict()));
      format.print(spec.commandLine().getOut(), verification, text.toString());
      if (!verification.problems().isEmpty()) {
        throw new BadInputException(
            ExitCode.VERIFICATION_FAILED,
            "%s: %d problems, the first: %s"
                .formatted(
                    given, verification.problems().size(), verification.problems().getFirst()));
      }
      return Tritmill.ok();
    }
  }

  /** Fails when there is a problem. */
  static void require(Verification verification, RunDirectory run) {
    if (!verification.ok()) {
      throw new BadInputException(
          ExitCode.VERIFICATION_FAILED,
          "%s: %d problems, the first: %s"
              .formatted(
                  run.path(), verification.problems().size(), verification.problems().getFirst()));
    }
  }

  private static String text(Verification verification) {
    StringBuilder text = new StringBuilder();
    for (Verification.DerivedLayer layer : verification.derived()) {
      text.append("derived again: %s: %s%n".formatted(layer.tensor(), layer.inWords()));
    }
    verification.problems().forEach(problem -> text.append("problem: %s%n".formatted(problem)));
    verification.remarks().forEach(remark -> text.append("remark: %s%n".formatted(remark)));
    text.append("%s: %s%n".formatted(verification.runId(), verification.verdict()));
    return text.toString();
  }
}
