package io.tritmill.jobs.command;

import io.tritmill.jobs.checkpoint.SyntheticCheckpoint;
import io.tritmill.jobs.checkpoint.SyntheticCheckpoint.Shape;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.spark.SparkSessions;
import io.tritmill.jobs.storage.Storage;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Writes a checkpoint of random weights in the shape of a known model, to measure speed and memory
 * with.
 *
 * <pre>tritmill synthesize --shape 1.1b --output ./random-1.1b</pre>
 */
@Command(
    name = "synthesize",
    description = "Write a checkpoint of random weights, to measure speed and memory with.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: tritmill synthesize --shape 1.1b --output ./random-1.1b"})
final class SynthesizeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--shape",
      required = true,
      paramLabel = "NAME",
      description =
          "Whose shape: tiny, 160m, 1.1b (TinyLlama), 3b (OpenLlama), 7b (Llama 2), 70b or 405b"
              + " (Llama 3.1).")
  private String shape;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Directory to be made.")
  private String output;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the weights (default: 0).")
  private long seed;

  @Option(
      names = "--config-only",
      description = "Write config.json alone, which is enough for plan.")
  private boolean configOnly;

  @Override
  public Integer call() {
    Storage storage = SparkSessions.storage();
    Path directory = storage.outputPath(output);
    if (storage.exists(directory) && !storage.list(directory).isEmpty()) {
      throw BadInputException.conflict("%s: is there already; choose another --output", directory);
    }
    if (configOnly) {
      SyntheticCheckpoint.describe(storage, directory, Shape.of(shape));
    } else {
      SyntheticCheckpoint.write(storage, directory, Shape.of(shape), seed);
    }
    spec.commandLine().getOut().println(directory);
    return Tritmill.ok();
  }
}
