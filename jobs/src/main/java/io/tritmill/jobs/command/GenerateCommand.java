package io.tritmill.jobs.command;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.generate.ChatTemplate.Turn;
import io.tritmill.jobs.generate.Generation;
import io.tritmill.jobs.generate.ResidentModel;
import io.tritmill.jobs.generate.TextModel;
import io.tritmill.jobs.gguf.GgufFiles;
import io.tritmill.jobs.progress.Activity;
import io.tritmill.jobs.run.Place;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.SparkSessions;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.function.Sampling;
import io.tritmill.kernels.parallel.Cores;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Writes text that goes on with a prompt, with a checkpoint, a GGUF file or a run, in this process.
 *
 * <p>The text appears on stdout as it is made, in UTF-8; how fast it was, on stderr.
 *
 * <pre>tritmill generate ./runs/llama-ptqtp --prompt "Once upon a time" --max-tokens 64</pre>
 */
@Command(
    name = "generate",
    description = "Write text that goes on with a prompt, or answer in a chat.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Logits are divided by --temperature, then --top-k leaves tokens, then --top-p of these.",
      "",
      "Example: tritmill generate ./runs/llama-ptqtp --prompt \"Once upon a time\" --max-tokens 64"
    })
final class GenerateCommand implements Callable<Integer> {
  @Mixin private GenerationOptions options;
  @Mixin private FormatOption format;

  @Parameters(
      paramLabel = "M|RUN",
      description = "Checkpoint, GGUF file, packed model or run directory.")
  private String model;

  // The text of a model is UTF-8, whatever the terminal of this process is said to be.
  private final PrintWriter out =
      new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));

  @Option(names = "--prompt", paramLabel = "TEXT", description = "What to go on with.")
  private String prompt;

  @Option(
      names = "--chat",
      description =
          "Answer the prompt as an assistant; without --prompt each line of stdin, until it ends.")
  private boolean chat;

  @Override
  public Integer call() throws IOException {
    requireWords();
    Sampling sampling = options.sampling();
    Storage storage = SparkSessions.storage();
    try (TextModel opened = TextModel.open(storage, place(storage, storage.path(model)), chat)) {
      opened.source().remarks().forEach(remark -> System.err.println("warning: " + remark));
      // What the model cannot take is said before its weights are read.
      int[] ids = prompt == null ? null : ids(opened);
      ResidentModel resident =
          Activity.during(
              "reading the model",
              () -> ResidentModel.read(opened.source(), options.activations()));
      Generation generation =
          new Generation(
              resident,
              sampling,
              opened.tokens(),
              options.limits(opened.positions(), opened.ends()));
      if (ids == null) {
        converse(opened, generation);
      } else {
        Generation.Result result = generate(generation, ids);
        if (!format.text()) {
          format.print(out, json(result), "");
        }
      }
    }
    return Tritmill.ok();
  }

  private void requireWords() {
    if (prompt == null && !chat) {
      throw BadInputException.usage("give --prompt and a text to go on with, or --chat");
    }
    if (prompt != null && prompt.isEmpty()) {
      throw BadInputException.usage("--prompt is empty, expected a text to go on with");
    }
    if (prompt == null && !format.text()) {
      throw BadInputException.usage(
          "--format json is for one answer: give --prompt and a text with --chat");
    }
  }

  private int[] ids(TextModel opened) {
    return chat ? opened.chat(List.of(new Turn("user", prompt))) : opened.prompt(prompt);
  }

  /** Answers line by line, until there is none. */
  private void converse(TextModel opened, Generation generation) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    List<Turn> turns = new ArrayList<>();
    for (String line; (line = line(lines)) != null; ) {
      if (!line.isBlank()) {
        turns.add(new Turn("user", line));
        turns.add(new Turn("assistant", generate(generation, opened.chat(turns)).text()));
      }
    }
  }

  private static String line(BufferedReader lines) throws IOException {
    if (System.console() != null) {
      System.err.print("> ");
      System.err.flush();
    }
    return lines.readLine();
  }

  private Generation.Result generate(Generation generation, int[] ids) {
    int cores = Runtime.getRuntime().availableProcessors();
    Generation.Result result = Cores.lend(cores, () -> generation.run(ids, this::print));
    if (format.text()) {
      out.println();
      out.flush();
    }
    System.err.println(speed(result));
    return result;
  }

  /** Where the model of a run lies, or the model that was given. */
  private static Path place(Storage storage, Path given) {
    RunDirectory run = RunDirectory.at(given);
    // Nothing lies below a file, and some file systems do not bear the question.
    if (GgufFiles.named(given.getName()) || !storage.exists(run.plan())) {
      return given;
    }
    Place.requireEvaluable(storage, run);
    return run.model();
  }

  private void print(String piece) {
    if (format.text()) {
      out.print(piece);
      out.flush();
    }
  }

  private Map<String, Object> json(Generation.Result result) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("prompt", prompt);
    json.put("text", result.text());
    json.put("finish_reason", result.reason().name().toLowerCase(Locale.ROOT));
    json.put("token_ids", result.ids());
    json.put("prompt_tokens", result.promptTokens());
    json.put("tokens", result.ids().size());
    json.put("prompt_seconds", result.promptNanos() / 1e9);
    json.put("seconds", result.nanos() / 1e9);
    return json;
  }

  private static String speed(Generation.Result result) {
    String rest =
        result.ids().size() < 2
            ? ""
            : ", then %.1f tokens a second".formatted(result.tokensPerSecond());
    return "prompt of %d tokens in %.2f s (%.1f a second)%s; %d tokens, ended by %s"
        .formatted(
            result.promptTokens(),
            result.promptNanos() / 1e9,
            result.promptTokensPerSecond(),
            rest,
            result.ids().size(),
            switch (result.reason()) {
              case END -> "the model";
              case STOP -> "--stop";
              case LENGTH -> "--max-tokens";
              case POSITIONS -> "the positions that the model was made for";
            });
  }
}
