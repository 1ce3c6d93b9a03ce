package io.tritmill.jobs.command;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.data.Tokenizer;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.generate.Generation;
import io.tritmill.jobs.generate.ResidentModel;
import io.tritmill.jobs.generate.SpecialTokens;
import io.tritmill.jobs.generate.TokenBytes;
import io.tritmill.jobs.gguf.GgufFiles;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.progress.Activity;
import io.tritmill.jobs.run.Place;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.SparkSessions;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.function.Sampling;
import io.tritmill.kernels.parallel.Cores;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
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
    description = "Write text that goes on with a prompt.",
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

  @Option(
      names = "--prompt",
      required = true,
      paramLabel = "TEXT",
      description = "What to go on with.")
  private String prompt;

  @Override
  public Integer call() {
    if (prompt.isEmpty()) {
      throw BadInputException.usage("--prompt is empty, expected a text to go on with");
    }
    Sampling sampling = options.sampling();
    Storage storage = SparkSessions.storage();
    Path place = place(storage, storage.path(model));
    Checkpoint checkpoint = Checkpoint.open(storage, place);
    ModelSource source = ModelSources.of(storage, checkpoint);
    source.remarks().forEach(remark -> System.err.println("warning: " + remark));
    Tokenizer.Content content = Tokenizer.content(storage, place);
    TokenBytes tokens = TokenBytes.of(content);
    SpecialTokens special = SpecialTokens.read(storage, checkpoint, content, tokens);
    int positions = source.architecture().maxPositions();
    int[] ids;
    try (Tokenizer tokenizer = Tokenizer.openMarked(storage, place)) {
      ids =
          IntStream.concat(
                  special.before().stream().mapToInt(Integer::intValue),
                  IntStream.of(tokenizer.encode(prompt)))
              .toArray();
    }
    require(ids, positions, source.architecture().vocabulary());
    ResidentModel resident =
        Activity.during(
            "reading the model", () -> ResidentModel.read(source, options.activations()));
    Generation generation =
        new Generation(resident, sampling, tokens, options.limits(positions, special.ends()));
    PrintWriter out = new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
    int cores = Runtime.getRuntime().availableProcessors();
    Generation.Result result =
        Cores.lend(cores, () -> generation.run(ids, piece -> print(out, piece)));
    if (format.text()) {
      out.println();
      out.flush();
    } else {
      format.print(out, json(result), "");
    }
    System.err.println(speed(result));
    return Tritmill.ok();
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

  private void require(int[] ids, int positions, int vocabulary) {
    if (ids.length == 0) {
      throw BadInputException.usage("--prompt has no token, expected a text to go on with");
    }
    if (ids.length >= positions) {
      throw BadInputException.usage(
          "--prompt has %d tokens, but the model was made for %d positions, which what follows needs"
              + " too; give less",
          ids.length, positions);
    }
    int largest = IntStream.of(ids).max().orElseThrow();
    if (largest >= vocabulary) {
      throw BadInputException.broken(
          "%s: its tokenizer makes token %d, but the model has %d; do they belong together?",
          model, largest, vocabulary);
    }
  }

  private void print(PrintWriter out, String piece) {
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
