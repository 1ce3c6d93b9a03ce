package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Runs of the demo model, and what they are exported to. */
final class DemoRuns {
  static final Path DEMO = Path.of(System.getProperty("tritmill.root")).resolve("examples/demo-6m");

  private final Path directory;

  /** Runs below a folder. */
  DemoRuns(Path directory) {
    this.directory = directory;
  }

  void compress(String name, String stage) throws IOException {
    Path recipe = directory.resolve(name + ".yaml");
    Files.writeString(
        recipe,
        """
        version: 1
        name: %s
        rules:
          - match: "*"
            stages: [{%s}]
        """
            .formatted(name, stage));
    Invocation.of(
            "compress",
            "--model",
            DEMO,
            "--recipe",
            recipe,
            "--output",
            directory.resolve("run-" + name))
        .exits(0);
  }

  Invocation export(String name, String format, Path output, Object... more) {
    Object[] arguments = {
      "export", directory.resolve("run-" + name), "--format", format, "--output", output
    };
    Object[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return Invocation.of(all);
  }

  static void ends(Invocation invocation, int code, String sentence) {
    assertTrue(invocation.exits(code).err().contains(sentence), invocation.err());
  }

  double divergence(Path baseline, String name) throws IOException {
    Invocation evaluated =
        Invocation.of(
            "evaluate",
            directory.resolve("run-" + name),
            "--dataset",
            DEMO.resolveSibling("demo-evaluation"),
            "--limit",
            "4",
            "--baseline",
            baseline,
            "--format",
            "json");
    return evaluated.exits(0).json().get("kl_divergence").asDouble();
  }
}
