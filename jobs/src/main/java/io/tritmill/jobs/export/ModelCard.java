package io.tritmill.jobs.export;

import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunSummary;
import io.tritmill.jobs.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What a person reads of an exported model first: README.md. */
final class ModelCard {
  private static final int MAX_RECIPE = 1 << 20;

  private ModelCard() {}

  /**
   * The card.
   *
   * @param format that it is in
   * @param command that opens it
   */
  static String of(Storage storage, RunDirectory run, String format, String command) {
    RunSummary summary = RunSummary.read(storage, run);
    String recipe = new String(storage.read(run.recipe(), MAX_RECIPE), StandardCharsets.UTF_8);
    StringBuilder card = new StringBuilder();
    card.append("---\nlibrary_name: transformers\ntags: [tritmill, ").append(format).append("]\n");
    card.append("---\n\n# ").append(run.runId()).append("\n\n");
    card.append("Compressed by Tritmill with the recipe `").append(summary.recipe());
    card.append("`, exported as `").append(format).append("`.\n\n");
    card.append("| | |\n|---|---|\n");
    row(card, "weights", "%,d".formatted(summary.parameters()));
    if (summary.bitsPerWeight() != null) {
      row(card, "bits of a compressed weight", bits(summary.bitsPerWeight()));
    }
    row(card, "bits of a weight, packed model", bits(summary.bitsPerWeightModel()));
    if (summary.perplexity() != null) {
      row(card, "perplexity", "%.3f".formatted(summary.perplexity()));
      if (summary.perplexityBaseline() != null) {
        row(card, "perplexity before", "%.3f".formatted(summary.perplexityBaseline()));
      }
      if (summary.klDivergence() != null) {
        row(card, "KL divergence of a token", "%.4f".formatted(summary.klDivergence()));
      }
      row(
          card,
          "measured",
          summary.protocol() + ", " + summary.tokens() + " tokens of " + summary.dataset());
    }
    card.append("\n```\n").append(command).append("\n```\n\n## Recipe\n\n```yaml\n");
    card.append(recipe.strip()).append("\n```\n");
    return card.toString();
  }

  private static void row(StringBuilder card, String what, String value) {
    card.append("| ").append(what).append(" | ").append(value).append(" |\n");
  }

  private static String bits(double bits) {
    return String.format(Locale.ROOT, "%.3f", bits);
  }
}
