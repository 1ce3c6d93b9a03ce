package io.tritmill.jobs.command;

import io.tritmill.jobs.export.Export;
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
 * <pre>tritmill export ./runs/llama-int4 --format compressed-tensors --output ./llama-int4</pre>
 */
@Command(
    name = "export",
    description = "Write a run in a format that other programs open.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Formats: compressed-tensors (integers of 4 and 8 bits, for vLLM and transformers), gptq",
      "(integers of 4 bits, groups of one width), bf16, f16, f32 (decoded weights). What a format",
      "has no place for is decoded; weights that would not be those of the run need --allow-lossy.",
      "",
      "Example: tritmill export ./runs/llama-int4 --format compressed-tensors --output ./llama-int4"
    })
final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN", description = "Run directory.")
  private String run;

  @Option(
      names = "--format",
      required = true,
      paramLabel = "F",
      description = "compressed-tensors, gptq, bf16, f16 or f32.")
  private String format;

  @Option(names = "--output", required = true, paramLabel = "DIR", description = "Folder to make.")
  private String output;

  @Option(
      names = "--allow-lossy",
      description = "Write weights that the format holds less exactly than the run.")
  private boolean lossy;

  @Override
  public Integer call() {
    Storage storage = SparkSessions.storage();
    PrintWriter out = spec.commandLine().getOut();
    Export export = new Export(storage, RunDirectory.at(storage.path(run)), format);
    String opened =
        export.write(storage.outputPath(output), lossy, choices -> out.print(table(choices)));
    out.println("Open it: " + opened);
    out.flush();
    return Tritmill.ok();
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
