package io.tritmill.jobs.results;

import io.tritmill.jobs.evaluate.EvaluationResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The page of results: for each data set a table with a line for each recipe.
 *
 * <p>Two figures say what a recipe loses: the gap in log-perplexity, ln(perplexity / baseline), and
 * the mean KL divergence of the next-token distributions. Both are also given as a share of those
 * of a reference recipe. Several seeds of a recipe make one line: the mean, and half the distance
 * between the lowest and the highest.
 */
public final class ResultsPage {
  private final String model;
  private final List<String> datasets;
  private final String reference;
  private final List<String> remarks;
  private final Map<String, List<Outcome>> recipes = new LinkedHashMap<>();

  /**
   * An empty page.
   *
   * @param model how the page names the model
   * @param datasets how it names the data sets, in the order of the results of every outcome
   * @param reference name of the recipe that shares refer to
   * @param remarks sentences on how it was measured
   */
  public ResultsPage(String model, List<String> datasets, String reference, List<String> remarks) {
    this.model = model;
    this.datasets = List.copyOf(datasets);
    this.reference = reference;
    this.remarks = List.copyOf(remarks);
  }

  /** Adds a run; its recipe's line stands where the first run of that recipe was added. */
  public void add(Outcome outcome) {
    if (outcome.results().size() != datasets.size()) {
      throw new IllegalArgumentException(
          "%d results of %d data sets".formatted(outcome.results().size(), datasets.size()));
    }
    recipes.computeIfAbsent(outcome.recipe(), name -> new ArrayList<>()).add(outcome);
  }

  /** The page in Markdown, of the runs so far. */
  public String markdown() {
    StringBuilder page = new StringBuilder("# Results: ").append(model).append("\n\n");
    remarks.forEach(remark -> page.append("- ").append(remark).append('\n'));
    page.append("- Shares are of the losses of `%s`.\n".formatted(reference));
    if (recipes.values().stream().anyMatch(runs -> runs.size() > 1)) {
      page.append("- ± is half the distance between the lowest and the highest of the seeds.\n");
    }
    for (int set = 0; set < datasets.size(); set++) {
      section(page, set);
    }
    return page.toString();
  }

  private void section(StringBuilder page, int set) {
    page.append("\n## ").append(datasets.get(set)).append("\n\n");
    if (recipes.isEmpty()) {
      return;
    }
    EvaluationResult any = recipes.values().iterator().next().getFirst().results().get(set);
    page.append(
        String.format(
            Locale.ROOT,
            "%,d tokens in %,d sequences of at most %d, protocol %s, data `%s`; full precision has"
                + " perplexity %.4f.%n%n",
            any.tokens(),
            any.sequences(),
            any.sequenceLength(),
            any.protocol().key(),
            any.datasetFingerprint(),
            any.baseline().orElseThrow().perplexity()));
    page.append(
        "| recipe | bits of layers | bits of file | perplexity | ratio | gap share | mean KL | KL share"
            + " | seconds |\n|---|---|---|---|---|---|---|---|---|\n");
    recipes.forEach((recipe, runs) -> page.append(line(recipe, runs, set)));
  }

  private String line(String recipe, List<Outcome> runs, int set) {
    Spread gap = spread(runs, run -> run.logGap(set));
    Spread kl = spread(runs, run -> run.against(set).klDivergence());
    List<Outcome> others = recipes.getOrDefault(reference, List.of());
    String gapShare = "";
    String klShare = "";
    if (!others.isEmpty()) {
      gapShare = gap.over(spread(others, run -> run.logGap(set)).mean()).text(3);
      klShare = kl.over(spread(others, run -> run.against(set).klDivergence()).mean()).text(3);
    }
    return "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n"
        .formatted(
            recipe,
            spread(runs, Outcome::bits).text(3),
            spread(runs, Outcome::fileBits).text(3),
            spread(runs, run -> run.results().get(set).perplexity()).text(3),
            spread(runs, run -> run.against(set).perplexityRatio()).text(5),
            gapShare,
            kl.text(5),
            klShare,
            spread(runs, Outcome::seconds).text(0));
  }

  private static Spread spread(List<Outcome> runs, ToDoubleFunction<Outcome> number) {
    return Spread.of(runs.stream().map(number::applyAsDouble).toList());
  }
}
