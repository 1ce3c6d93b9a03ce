package io.tritmill.jobs.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.type.TypeReference;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.storage.Storage;

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
 * @param bitsPerWeight stored bits of a quantized weight, scales and padding counted
 * @param bitsPerWeightModel stored bits of a weight over the whole model
 * @param relativeError ||W - W'|| / ||W|| over all quantized layers
 * @param perplexityBaseline perplexity of the checkpoint; null until evaluated
 * @param perplexity perplexity of the run; null until evaluated
 * @param perplexityRatio perplexity after over before; null until evaluated
 * @param klDivergence mean KL(baseline || run) of a predicted token; null until evaluated
 * @param protocol how that was measured; null until evaluated
 * @param dataset fingerprint of the data it was measured on; null until evaluated
 * @param tokens predicted tokens; null until evaluated
 * @param seconds from start to the end of assembling
 * @param fallbacks layers that are kept though the recipe asks otherwise
 * @param gate {@code passed} or a sentence; null when there is none or nothing was evaluated
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
    @JsonProperty("bits_per_weight") double bitsPerWeight,
    @JsonProperty("bits_per_weight_model") double bitsPerWeightModel,
    @JsonProperty("relative_error") double relativeError,
    @JsonProperty("perplexity_baseline") Double perplexityBaseline,
    Double perplexity,
    @JsonProperty("perplexity_ratio") Double perplexityRatio,
    @JsonProperty("kl_divergence") Double klDivergence,
    String protocol,
    String dataset,
    Long tokens,
    double seconds,
    long fallbacks,
    String gate) {
  private static final int MAX_BYTES = 1 << 20;

  /** Reads the summary of a run. */
  public static RunSummary read(Storage storage, RunDirectory run) {
    return Json.read(
        run.summary().toString(),
        storage.read(run.summary(), MAX_BYTES),
        new TypeReference<RunSummary>() {});
  }

  /** This summary with what an evaluation found. */
  public RunSummary withEvaluation(
      Double baseline, double measured, Double ratio, Double kl, Evaluated on, String verdict) {
    return new RunSummary(
        runId,
        status,
        model,
        recipe,
        recipeSha256,
        parameters,
        bytesIn,
        bytesOut,
        bitsPerWeight,
        bitsPerWeightModel,
        relativeError,
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
  public record Evaluated(String protocol, String dataset, long tokens) {}
}
