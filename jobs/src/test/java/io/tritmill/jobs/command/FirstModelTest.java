package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.ChildProcess;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.foreign.ForeignPrograms;
import io.tritmill.jobs.foreign.PackagedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every command of the page for newcomers is run as it is printed. Replaced are the model, which
 * comes from a package instead of the Hub, and programs that are no part of Tritmill: llama-cli is
 * llama.cpp as a library, servers are asked for what they would open, curl for what it would send,
 * and the script for clusters for a command that there is.
 */
@Tag("foreign")
class FirstModelTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final Pattern BLOCK =
      Pattern.compile("^```sh\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final String MODEL = "MODEL=hf://HuggingFaceTB/SmolLM2-135M-Instruct\n";

  /** Those that the page reads as texts; others would change what is measured. */
  private static final List<String> PAGES =
      List.of("README.md", "docs/operations.md", "docs/results.md", "docs/kernels.md");

  private static final long BLOCK_MINUTES = 20;

  /** What the perplexity is multiplied by, at most: found 1.17, and 1.20 without calibration. */
  private static final double RATIO = 1.25;

  private static final String PROGRAMS =
      """
      llama-cli() { "$PYTHON" "$FOREIGN/llama_cli.py" "$@"; }
      llama-server() {
        test "$1" = -m
        test "$(head -c 4 "$2")" = GGUF
      }
      vllm() {
        test "$1" = serve
        grep -q compressed-tensors "$2/config.json"
      }
      curl() { "$PYTHON" -c 'import json, sys; json.loads(sys.argv[1])' "${!#}"; }
      """;

  @RegisterExtension private static final ForeignPrograms GGUF = ForeignPrograms.of("gguf");

  @TempDir private Path directory;

  /** The folder of Tritmill as far as the page looks into it, with a launcher of these classes. */
  private void copyTritmill() throws IOException {
    String line =
        ChildProcess.line(List.of()).stream()
            .map(word -> "'" + word.replace("'", "'\\''") + "'")
            .collect(Collectors.joining(" "));
    script("tritmill", "exec " + line + " \"$@\"\n");
    Files.createDirectory(directory.resolve("deploy"));
    script(
        "deploy/submit.sh",
        "while [ \"$1\" != -- ]; do shift; done\nexec ./tritmill \"$2\" --help\n");
    Files.createDirectory(directory.resolve("docs"));
    for (String page : PAGES) {
      Files.copy(ROOT.resolve(page), directory.resolve(page));
    }
  }

  private void script(String name, String text) throws IOException {
    Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String run(String block) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("bash", "-euc", PROGRAMS + block);
    builder.directory(directory.toFile());
    builder.environment().put("PYTHON", GGUF.program("python").toString());
    builder.environment().put("FOREIGN", ROOT.resolve("foreign").toString());
    ChildProcess child = ChildProcess.start(directory, builder);
    child.process().waitFor(BLOCK_MINUTES, TimeUnit.MINUTES); // longer than end waits by itself
    Invocation ran = child.end();
    assertEquals(0, ran.exitCode(), () -> block + ran.out() + ran.err());
    return ran.out();
  }

  @Test
  void everyCommandOfThePage() throws IOException, InterruptedException {
    copyTritmill();
    Path model = PackagedModel.SMOLLM2.file(GGUF, directory);
    String page = Files.readString(ROOT.resolve("docs/first-model.md"));
    Matcher blocks = BLOCK.matcher(page);
    List<String> said = new ArrayList<>();
    String set = "";
    while (blocks.find()) {
      String block = blocks.group(1);
      if (set.isEmpty()) {
        assertEquals(MODEL, block);
        set = "MODEL='" + model + "'\n";
      } else {
        said.add(run(set + block));
      }
    }

    assertEquals(page.lines().filter("```sh"::equals).count(), said.size() + 1);
    String all = String.join("", said);
    assertTrue(all.contains("210 of 272 tensors are quantized"), all);
    assertTrue(all.contains("Open it: llama-cli -m " + directory.toRealPath()), all);
    Matcher ratio = Pattern.compile("^ratio +(\\S+)$", Pattern.MULTILINE).matcher(all);
    assertTrue(ratio.find(), all);
    System.out.println("perplexity: " + ratio.group());
    assertTrue(Double.parseDouble(ratio.group(1)) < RATIO, ratio.group());
    List<String> answers =
        said.stream().filter(text -> text.startsWith("The capital of France is Paris")).toList();
    assertEquals(2, answers.size(), all);
    System.out.print(String.join("", answers));
  }
}
