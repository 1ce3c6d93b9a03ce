package io.tritmill.jobs.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.type.TypeReference;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.storage.MayBeMissing;
import io.tritmill.jobs.storage.Storage;
import java.util.SortedMap;

/**
 * A run in one JSON object, for schedulers and people.
 *
 * @param runId name of the run directory
 * @param status {@code complete}
 * @param model URI of the checkpoint
 * @param recipe name of the recipe
 * @param recipeSha256 checksum of the recipe with every default written out
 * @param parameters weights of the whole model
 * @param bytesIn bytes of all tensors before
 * @param bytesOut bytes of all tensors after
 * @param tensors what became of how many of them, by {@code compressed}, {@code kept}, {@code
 *     passed_through} and {@code unread}; null in summaries of earlier releases
 * @param bitsPerWeight stored bits of a quantized weight, scales and padding counted; null when
 *     none is
 * @param bitsPerWeightModel stored bits of a weight over the whole model
 * @param relativeError ||W - W'|| / ||W|| over all quantized layers; null when there is none, or
 *     all their weights are zero
 * @param worst the layers that lost most
 * @param perplexityBaseline perplexity of the checkpoint; null until evaluated
 * @param perplexity perplexity of the run; null until evaluated
 * @param perplexityRatio perplexity after over before; null until evaluated
 * @param klDivergence mean KL(baseline || run) of a predicted token; null until evaluated
 * @param protocol how that was measured; null until evaluated
 * @param dataset fingerprint of the data it was measured on; null until evaluated
 * @param tokens predicted tokens; null until evaluated
 * @param seconds from start to the end of assembling
 * @param fallbacks layers that are kept, or did not learn, though the recipe asks otherwise
 * @param gate {@code passed}, or a sentence why it failed or is open; null when there is none
 */
public record RunSummary(
    @JsonProperty("run_id") String runId,
    String status,
    String model,
    String recipe,
    @JsonProperty("recipe_sha256") String recipeSha256,
    long parameters,
    @JsonProperty("bytes_in") long bytesIn,
    @JsonProperty("bytes_out") long bytesOut,
    @MayBeMissing SortedMap<String, TensorTotals> tensors,
    @MayBeMissing @JsonProperty("bits_per_weight") Double bitsPerWeight,
    @JsonProperty("bits_per_weight_model") double bitsPerWeightModel,
    @MayBeMissing @JsonProperty("relative_error") Double relativeError,
    @MayBeMissing @JsonProperty("worst_layers") WorstLayers worst,
    @MayBeMissing @JsonProperty("perplexity_baseline") Double perplexityBaseline,
    @MayBeMissing Double perplexity,
    @MayBeMissing @JsonProperty("perplexity_ratio") Double perplexityRatio,
    @MayBeMissing @JsonProperty("kl_divergence") Double klDivergence,
    @MayBeMissing String protocol,
    @MayBeMissing String dataset,
    @MayBeMissing Long tokens,
    double seconds,
    long fallbacks,
    @MayBeMissing String gate) {
  private static final int MAX_BYTES = 1 << 20;

  public RunSummary {
    // Summaries of earlier releases do not have them.
    worst = worst == null ? WorstLayers.NONE : worst;
    requireCount("parameters", parameters);
    requireCount("bytes_in", bytesIn);
    requireCount("bytes_out", bytesOut);
    requireCount("fallbacks", fallbacks);
    requireCount("tokens", tokens == null ? 0 : tokens);
    requireSize("bits_per_weight", bitsPerWeight == null ? 0 : bitsPerWeight);
    requireSize("bits_per_weight_model", bitsPerWeightModel);
    requireSize("relative_error", relativeError == null ? 0 : relativeError);
    requireSize("perplexity", perplexity == null ? 0 : perplexity);
    requireSize("perplexity_baseline", perplexityBaseline == null ? 0 : perplexityBaseline);
    requireSize("perplexity_ratio", perplexityRatio == null ? 0 : perplexityRatio);
    requireSize("seconds", seconds);
    boolean measured = perplexity != null;
    if (measured && (protocol == null || dataset == null || tokens == null)) {
      throw new IllegalArgumentException("perplexity is there, but not what it was measured on");
    }
    if (!measured && (perplexityRatio != null || klDivergence != null)) {
      throw new IllegalArgumentException("perplexity is missing beside numbers made of it");
    }
  }

  private static void requireCount(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException("%s is %d, expected 0 or more".formatted(name, value));
    }
  }

  private static void requireSize(String name, double value) {
    if (!(value >= 0)) {
      throw new IllegalArgumentException("%s is %s, expected 0 or more".formatted(name, value));
    }
  }

  /** Reads the summary of a run. */
  public static RunSummary read(Storage storage, RunDirectory run) {
    return Json.read(
        run.summary().toString(),
        storage.read(run.summary(), MAX_BYTES),
        new TypeReference<RunSummary>() {});
  }

  /** This summary with what an evaluation found; what a gate said before counts no more. */
  public RunSummary withEvaluation(
      Double baseline, double measured, Double ratio, Double kl, Evaluated on) {
    return with(baseline, measured, ratio, kl, on, null);
  }

  /** This summary before any evaluation. */
  public RunSummary withoutEvaluation() {
    return with(null, null, null, null, Evaluated.NOT, null);
  }

  /** This summary with what its gate says; null when nothing is asked of it. */
  public RunSummary withGate(String verdict) {
    Evaluated on = protocol == null ? Evaluated.NOT : new Evaluated(protocol, dataset, tokens);
    return with(perplexityBaseline, perplexity, perplexityRatio, klDivergence, on, verdict);
  }

  private RunSummary with(
      Double baseline, Double measured, Double ratio, Double kl, Evaluated on, String verdict) {
    return new RunSummary(
        runId,
        status,
        model,
        recipe,
        recipeSha256,
        parameters,
        bytesIn,
        bytesOut,
        tensors,
        bitsPerWeight,
        bitsPerWeightModel,
        relativeError,
        worst,
        baseline,
        measured,
        ratio,
        kl,
        on.protocol(),
        on.dataset(),
        on.tokens(),
        seconds,
        fallbacks,
        verdict);
  }

  /** What was evaluated on. */
  public record Evaluated(String protocol, String dataset, Long tokens) {
    private static final Evaluated NOT = new Evaluated(null, null, null);
  }
}
