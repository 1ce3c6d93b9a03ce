package io.tritmill.jobs.inspect;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunSummary;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.storage.Storage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A run directory: what was asked, how far it is, and what came of it. */
final class RunListing {
  private static final String PLAN = "plan.json";
  private static final int MAX_PLAN = 1 << 28;

  private RunListing() {}

  /** Whether a folder with files of these names is one: the plan is what a run writes first. */
  static boolean holds(List<String> names) {
    return names.contains(PLAN);
  }

  static Inspection of(Storage storage, RunDirectory run) {
    Map<String, Object> facts = new LinkedHashMap<>();
    if (storage.exists(run.success())) {
      RunSummary summary = RunSummary.read(storage, run);
      facts.put("state", "complete; its tensors: tritmill inspect " + run.model());
      add(facts, summary);
    } else {
      facts.put("state", "unfinished; the same compress command goes on with it");
      Map<String, Object> plan =
          Json.read(
              run.plan().toString(),
              storage.read(run.plan(), MAX_PLAN),
              new TypeReference<Map<String, Object>>() {});
      for (String key : List.of("model", "recipe")) {
        facts.put(key, String.valueOf(plan.get(key)));
      }
    }
    return new Inspection(run.path().toString(), "run of Tritmill", facts, List.of());
  }

  private static void add(Map<String, Object> facts, RunSummary summary) {
    facts.put("model", summary.model());
    facts.put("recipe", summary.recipe());
    facts.put("parameters", summary.parameters());
    facts.put("bytes_in", summary.bytesIn());
    facts.put("bytes_out", summary.bytesOut());
    facts.put("bits_per_weight", summary.bitsPerWeight());
    facts.put("bits_per_weight_model", summary.bitsPerWeightModel());
    facts.put("relative_error", summary.relativeError());
    putIfKnown(facts, "worst_layer", summary.worst().weightLayer());
    putIfKnown(facts, "worst_layer_error", summary.worst().weightError());
    putIfKnown(facts, "perplexity", summary.perplexity());
    putIfKnown(facts, "perplexity_baseline", summary.perplexityBaseline());
    putIfKnown(facts, "kl_divergence", summary.klDivergence());
    putIfKnown(facts, "protocol", summary.protocol());
    putIfKnown(facts, "gate", summary.gate());
    facts.put("fallbacks", summary.fallbacks());
  }

  private static void putIfKnown(Map<String, Object> facts, String name, Object value) {
    if (value != null) {
      facts.put(name, value);
    }
  }
}
