package io.tritmill.jobs.command;

import io.tritmill.jobs.export.Export;
import io.tritmill.jobs.export.ExportSettings;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.SparkSessions;
import io.tritmill.jobs.storage.Storage;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Writes a complete run in a format that other programs open, without rounding a second time.
 *
 * <pre>tritmill export ./runs/llama --format gguf --output ./llama.gguf</pre>
 */
@Command(
    name = "export",
    description = "Write a run in a format that other programs open.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Formats: gguf (gguf:auto: each matrix in the smallest type of llama.cpp that holds its",
      "levels), gguf:TYPE (tq1_0, tq2_0, q2_0, q4_0, q4_1, q5_0, q5_1, q8_0, q2_k to q6_k, f16,",
      "bf16, f32), gguf:ptqtp (a TQ2_0 tensor of each trit-plane), compressed-tensors (integers of 4",
      "and 8 bits, for vLLM and transformers), gptq and awq (integers of 4 bits, groups of one",
      "width), bitnet (trits, one scale a matrix), bf16, f16, f32 (decoded weights). What a format",
      "has no place for is decoded; weights that would not be those of the run need --allow-lossy.",
      "",
      "Example: tritmill export ./runs/llama --format gguf --output ./llama.gguf"
    })
final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN", description = "Run directory.")
  private String run;

  @Option(
      names = "--format",
      required = true,
      paramLabel = "F",
      description = "gguf, gguf:TYPE, compressed-tensors, gptq, awq, bitnet, bf16, f16 or f32.")
  private String format;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "PATH",
      description = "Folder to make; of GGUF also the file.")
  private String output;

  @Option(
      names = "--table-type",
      paramLabel = "TYPE",
      description = "Type of ggml for embedding and head. Default: the smallest that is exact.")
  private String tableType;

  @Option(
      names = "--split",
      paramLabel = "GIB",
      description = "Write several GGUF files of so many GiB at most. Default: one file.")
  private Double split;

  @Option(
      names = "--allow-lossy",
      description = "Write weights that the format holds less exactly than the run.")
  private boolean lossy;

  @Override
  public Integer call() {
    Storage storage = SparkSessions.storage();
    PrintWriter out = spec.commandLine().getOut();
    ExportSettings settings = new ExportSettings(format, tableType, partBytes());
    Export export = new Export(storage, RunDirectory.at(storage.path(run)), settings);
    String opened =
        export.write(storage.outputPath(output), lossy, choices -> out.print(table(choices)));
    out.println("Open it: " + opened);
    out.flush();
    return Tritmill.ok();
  }

  private long partBytes() {
    if (split == null) {
      return Long.MAX_VALUE;
    }
    if (!(split > 0)) {
      throw BadInputException.usage("--split is %s, expected a number above 0, of GiB", split);
    }
    return (long) Math.min(split * (1L << 30), Long.MAX_VALUE);
  }

  private static String table(List<Export.Choice> choices) {
    Table table = new Table("tensor", "type", "bytes", "error", "why");
    for (Export.Choice choice : choices) {
      table.row(
          choice.tensor(),
          choice.type(),
          Long.toString(choice.bytes()),
          choice.error() == 0 ? "0" : String.format(Locale.ROOT, "%.2e", choice.error()),
          choice.reason() == null ? "" : choice.reason());
    }
    return table.toString();
  }
}
