package io.tritmill.jobs.command;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.generate.Activations;
import io.tritmill.jobs.generate.Generation;
import io.tritmill.kernels.model.function.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** How tokens are chosen, and what ends a text. */
final class GenerationOptions {
  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      defaultValue = "256",
      description = "Tokens that are generated at most (default: 256).")
  private int maxTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0",
      description =
          "What logits are divided by; 0 takes the most likely token, always (default: 0).")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      defaultValue = "0",
      description = "Draw one of the K most likely tokens; 0 for all (default: 0).")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description =
          "Of those, draw one of the most likely whose probabilities reach P (default: 1).")
  private double topP;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "0",
      description = "Seed of what is drawn (default: 0).")
  private long seed;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End before this text; may be given several times.")
  private List<String> stops = new ArrayList<>();

  @Option(
      names = "--activations",
      paramLabel = "exact|int8",
      defaultValue = "exact",
      description =
          "Compute in float, or trit-planes with activations of 8 bits: faster, nearly the same"
              + " (default: exact).")
  private Activations activations;

  Activations activations() {
    return activations;
  }

  /**
   * How tokens are chosen.
   *
   * @throws BadInputException if a number is outside its range
   */
  Sampling sampling() {
    require(maxTokens > 0, "--max-tokens is %s, expected 1 or more", maxTokens);
    require(
        temperature >= 0 && temperature < Double.POSITIVE_INFINITY,
        "--temperature is %s, expected 0 or a number above it",
        temperature);
    require(topK >= 0, "--top-k is %s, expected a number of tokens, or 0 for all", topK);
    require(topP > 0 && topP <= 1, "--top-p is %s, expected a number above 0, at most 1", topP);
    for (String stop : stops) {
      require(!stop.isEmpty(), "--stop is %s, expected a text before which to end", "empty");
    }
    return new Sampling(temperature, topK, topP, seed);
  }

  private static void require(boolean holds, String sentence, Object found) {
    if (!holds) {
      throw BadInputException.usage(sentence, found);
    }
  }

  /**
   * What ends a text.
   *
   * @param positions that the model was made for
   * @param ends tokens that end it
   */
  Generation.Limits limits(int positions, Set<Integer> ends) {
    return new Generation.Limits(maxTokens, positions, ends, stops);
  }
}
