package io.tritmill.jobs.command;

import io.tritmill.jobs.inspect.InspectJob;
import io.tritmill.jobs.inspect.Inspection;
import io.tritmill.jobs.spark.SparkSessions;
import io.tritmill.jobs.storage.Storage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Lists what is in a file or folder, from its headers alone: safetensors, checkpoints, GGUF, Arrow,
 * data sets.
 *
 * <pre>tritmill inspect ./llama/model.safetensors</pre>
 */
@Command(
    name = "inspect",
    description = "List what is in a safetensors, GGUF or Arrow file, a checkpoint or a data set.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: tritmill inspect ./llama --format json"})
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private FormatOption format;

  @Parameters(paramLabel = "FILE|DIR", description = "What to look at.")
  private String target;

  @Override
  public Integer call() {
    Storage storage = SparkSessions.storage();
    Inspection inspection = InspectJob.inspect(storage, storage.path(target));
    spec.commandLine().getOut().println(format.text() ? inspection.text() : inspection.json());
    return Tritmill.ok();
  }
}
