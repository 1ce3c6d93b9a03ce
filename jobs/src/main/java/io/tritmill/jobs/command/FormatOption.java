package io.tritmill.jobs.command;

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

  /** Prints a value as one line of JSON, or its text. */
  void print(PrintWriter out, Object json, String text) {
    out.println(text() ? text.stripTrailing() : Json.line(json));
    out.flush();
  }
}
