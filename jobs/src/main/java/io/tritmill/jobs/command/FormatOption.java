package io.tritmill.jobs.command;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunSummary;
import io.tritmill.jobs.storage.Json;
import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** The option {@code --format}, and printing by it. */
final class FormatOption {
  @Option(
      names = "--format",
      paramLabel = "text|json",
      defaultValue = "text",
      description = "Print the result for people or as one JSON object (default: text).")
  private OutputFormat format;

  /** Whether people read the result. */
  boolean text() {
    return format == OutputFormat.TEXT;
  }

  /**
   * Prints a value as one line of JSON, or its text.
   *
   * @param json not looked at where people read
   * @param text not looked at where they do not
   */
  void print(PrintWriter out, Object json, String text) {
    out.println(text() ? text.stripTrailing() : Json.line(json));
    out.flush();
  }

  /**
   * Prints the summary of a run and where it lies: a last line of its own in text, a part of the
   * object in JSON.
   */
  void printRun(PrintWriter out, RunSummary summary, RunDirectory run) {
    if (text()) {
      print(out, summary, SummaryText.of(summary));
      out.println("RUN_DIR=" + run.uri());
      out.flush();
    } else {
      print(out, new SummaryOfRun(summary, run.uri().toString()), "");
    }
  }

  private record SummaryOfRun(
      @JsonUnwrapped RunSummary summary, @JsonProperty("run_dir") String runDirectory) {}
}
