package io.tritmill.jobs.results;

import io.tritmill.jobs.evaluate.EvaluationResult;
import java.util.List;

/**
 * One run of a recipe and what it was measured at.
 *
 * @param recipe the recipe's name
 * @param seed that it ran with
 * @param bits stored bits of a quantized weight, scales and padding counted
 * @param fileBits stored bits of a weight over the whole file, kept tensors counted
 * @param seconds from start to the end of assembling
 * @param results one for each data set, in the page's order, each with its baseline
 */
public record Outcome(
    String recipe,
    long seed,
    double bits,
    double fileBits,
    double seconds,
    List<EvaluationResult> results) {
  public Outcome {
    results = List.copyOf(results);
    for (EvaluationResult result : results) {
      if (result.baseline().isEmpty()) {
        throw new IllegalArgumentException("A result without baseline");
      }
    }
  }

  double logGap(int set) {
    return Math.log(against(set).perplexityRatio());
  }

  EvaluationResult.AgainstBaseline against(int set) {
    return results.get(set).baseline().orElseThrow();
  }
}
