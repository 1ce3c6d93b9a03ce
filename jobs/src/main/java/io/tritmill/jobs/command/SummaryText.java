package io.tritmill.jobs.command;

import io.tritmill.jobs.progress.Progress;
import io.tritmill.jobs.run.RunSummary;
import io.tritmill.jobs.run.TensorTotals;

/** A run's summary for people. */
final class SummaryText {
  private SummaryText() {}

  static String of(RunSummary summary) {
    StringBuilder text = new StringBuilder();
    line(text, "run", summary.runId());
    line(text, "recipe", summary.recipe());
    line(text, "parameters", "%,d".formatted(summary.parameters()));
    line(
        text,
        "bytes",
        "%s -> %s (%.1f x smaller)"
            .formatted(
                Progress.bytes(summary.bytesIn()),
                Progress.bytes(summary.bytesOut()),
                (double) summary.bytesIn() / summary.bytesOut()));
    line(text, "bits per weight", bits(summary));
    if (summary.tensors() != null) {
      summary.tensors().forEach((fate, of) -> line(text, fate.replace('_', ' '), totals(of)));
    }
    if (summary.relativeError() != null) {
      line(text, "relative error", "%.4f".formatted(summary.relativeError()));
    }
    if (summary.perplexity() != null) {
      line(text, "perplexity", perplexity(summary));
      line(
          text,
          "measured on",
          "%,d tokens, protocol %s, data %s"
              .formatted(summary.tokens(), summary.protocol(), summary.dataset()));
    }
    if (summary.gate() != null) {
      line(text, "gate", summary.gate());
    }
    if (summary.fallbacks() > 0) {
      line(
          text,
          "fallbacks",
          "%d layers are not as the recipe asks, see reports/layers"
              .formatted(summary.fallbacks()));
    }
    line(text, "seconds", "%.1f".formatted(summary.seconds()));
    return text.toString();
  }

  /** Bits of layers and of the file. */
  static String bits(RunSummary summary) {
    Double layers = summary.bitsPerWeight();
    return Progress.bits(layers == null ? Double.NaN : layers, summary.bitsPerWeightModel());
  }

  private static String totals(TensorTotals of) {
    return totals(of.count(), of.bytesIn(), of.bytesOut());
  }

  /** How many tensors something becomes of, and of which size. */
  static String totals(long tensors, long bytesIn, long bytesOut) {
    String count = Progress.count(tensors, "tensor");
    return tensors == 0
        ? "no tensor"
        : "%s, %s -> %s".formatted(count, Progress.bytes(bytesIn), Progress.bytes(bytesOut));
  }

  private static String perplexity(RunSummary summary) {
    if (summary.perplexityBaseline() == null) {
      return "%.4f".formatted(summary.perplexity());
    }
    return "%.4f -> %.4f (x %.4f), KL divergence %.5f"
        .formatted(
            summary.perplexityBaseline(),
            summary.perplexity(),
            summary.perplexityRatio(),
            summary.klDivergence());
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append("%-16s %s%n".formatted(name, value));
  }
}
