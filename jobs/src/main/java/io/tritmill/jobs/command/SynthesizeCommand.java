package io.tritmill.jobs.command;

import io.tritmill.jobs.checkpoint.SyntheticCheckpoint;
import io.tritmill.jobs.checkpoint.SyntheticShape;
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
              + " (Llama 3.1), 30b-a3b (Qwen3, experts), 671b (DeepSeek-V3) or 671b-fp8 (the same as"
              + " published, in 8-bit floats).")
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
      names = "--blocks",
      paramLabel = "N",
      description = "So many blocks instead of the model's own.")
  private Integer blocks;

  @Option(
      names = "--config-only",
      description = "Write config.json alone, which is enough for plan.")
  private boolean configOnly;

  @Option(
      names = "--headers-only",
      description =
          "Write the headers of all files and leave holes for the weights: enough for plan, and"
              + " hardly any room on a disk.")
  private boolean headersOnly;

  @Override
  public Integer call() {
    Storage storage = SparkSessions.storage();
    Path directory = storage.outputPath(output);
    if (storage.exists(directory) && !storage.list(directory).isEmpty()) {
      throw BadInputException.conflict("%s: is there already; choose another --output", directory);
    }
    if (configOnly && headersOnly) {
      throw BadInputException.usage(
          "--config-only and --headers-only exclude each other; give one");
    }
    SyntheticShape known = SyntheticShape.of(shape);
    SyntheticShape chosen = blocks == null ? known : known.withBlocks(blocks);
    if (configOnly) {
      SyntheticCheckpoint.describe(storage, directory, chosen);
    } else if (headersOnly) {
      SyntheticCheckpoint.writeHeaders(storage, directory, chosen);
    } else {
      SyntheticCheckpoint.write(storage, directory, chosen, seed);
    }
    spec.commandLine().getOut().println(directory);
    return Tritmill.ok();
  }
}
