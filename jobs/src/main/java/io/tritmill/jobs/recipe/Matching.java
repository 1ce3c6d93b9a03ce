package io.tritmill.jobs.recipe;

import io.tritmill.jobs.failure.BadInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rules of a recipe held against the tensors of a checkpoint.
 *
 * @param recipe whose rules
 * @param tensors all of them, in order
 */
public record Matching(Recipe recipe, List<Target> tensors) {
  private static final int NAMED = 3;

  public Matching {
    tensors = List.copyOf(tensors);
  }

  /**
   * The rule of each tensor that one is for, by name, in the order given. Every layer inside a
   * block has one. A rule whose method has no levels for its rows is passed over where a later one
   * matches too.
   *
   * @throws BadInputException if a layer has none, if a pattern matches no tensor, or if one with
   *     stages matches only tensors that names do not choose
   */
  public Map<String, Rule> rules() {
    forEachPattern(this::requireTensor);
    forEachPattern(this::refuseStagesOutsideLayers);
    Map<String, Rule> found = new LinkedHashMap<>();
    List<String> without = new ArrayList<>();
    for (Target tensor : tensors) {
      Optional<Rule> rule = ruleFor(tensor);
      rule.filter(one -> !tensor.kinds().isEmpty()).ifPresent(one -> found.put(tensor.name(), one));
      if (rule.isEmpty() && tensor.inBlocks()) {
        without.add(tensor.name());
      }
    }
    if (without.isEmpty()) {
      return found;
    }
    throw BadInputException.unsupported(
        "recipe %s: no rule matches %d of %d linear layers (%s); add a rule for them, or end with"
            + " match: \"*\" and keep: true",
        recipe.name(),
        without.size(),
        tensors.stream().filter(Target::inBlocks).count(),
        firstOf(without));
  }

  private Optional<Rule> ruleFor(Target tensor) {
    List<Rule> matching = recipe.rules().stream().filter(rule -> rule.matches(tensor)).toList();
    return matching.stream()
        .filter(rule -> rule.refusal(tensor.columns()).isEmpty())
        .findFirst()
        .or(() -> matching.stream().findFirst());
  }

  /** Why the first rule that matches a tensor is not the one that is taken, by name. */
  public Map<String, String> passedOver() {
    Map<String, String> reasons = new HashMap<>();
    for (Target tensor : tensors) {
      Optional<Rule> first =
          recipe.rules().stream().filter(rule -> rule.matches(tensor)).findFirst();
      first
          .filter(rule -> rule != ruleFor(tensor).orElseThrow())
          .flatMap(rule -> rule.refusal(tensor.columns()))
          .ifPresent(reason -> reasons.put(tensor.name(), reason));
    }
    return reasons;
  }

  /** Looks at a pattern. */
  private interface Check {
    void accept(int number, Rule rule, Pattern pattern);
  }

  private void forEachPattern(Check check) {
    for (int r = 0; r < recipe.rules().size(); r++) {
      Rule rule = recipe.rules().get(r);
      for (Pattern pattern : rule.match()) {
        check.accept(r + 1, rule, pattern);
      }
    }
  }

  /** A model may be without a kind of tensors, but who writes a name means something. */
  private void requireTensor(int number, Rule rule, Pattern pattern) {
    if (pattern instanceof Glob && tensors.stream().noneMatch(pattern::meets)) {
      throw BadInputException.unsupported(
          "recipe %s: rule %d (match: %s): %s matches no tensor of the checkpoint; correct it, or"
              + " remove it",
          recipe.name(), number, rule.match(), pattern);
    }
  }

  private void refuseStagesOutsideLayers(int number, Rule rule, Pattern pattern) {
    List<Target> met = tensors.stream().filter(pattern::meets).toList();
    boolean choosable = pattern instanceof Kind || met.stream().anyMatch(Target::inBlocks);
    if (rule.keep() || choosable) {
      return;
    }
    String kind =
        met.stream()
            .flatMap(tensor -> tensor.kinds().stream().sorted())
            .findFirst()
            .map(one -> ", or write match: " + one)
            .orElse("");
    throw BadInputException.unsupported(
        "recipe %s: rule %d would compress %s, but names choose among the matrices of linear layers"
            + " inside blocks alone; give %s keep: true%s",
        recipe.name(), number, firstOf(met.stream().map(Target::name).toList()), pattern, kind);
  }

  /** A sentence for each rule that no tensor takes, because none matches or earlier rules do. */
  public List<String> warnings() {
    List<Rule> rules = recipe.rules();
    boolean[] taken = new boolean[rules.size()];
    boolean[] matched = new boolean[rules.size()];
    for (Target tensor : tensors) {
      boolean open = true;
      for (int r = 0; r < taken.length; r++) {
        if (rules.get(r).matches(tensor)) {
          matched[r] = true;
          taken[r] |= open;
          // A rule behind one that has no levels for some rows is there for these.
          open &= rules.get(r).particular();
        }
      }
    }
    List<String> sentences = new ArrayList<>();
    for (int r = 0; r < taken.length; r++) {
      if (!taken[r]) {
        sentences.add(
            "recipe %s: rule %d (match: %s) %s"
                .formatted(
                    recipe.name(),
                    r + 1,
                    rules.get(r).match(),
                    matched[r]
                        ? "matches only tensors that earlier rules take"
                        : "matches no tensor"));
      }
    }
    return sentences;
  }

  private static String firstOf(List<String> names) {
    String first = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
    return names.size() > NAMED ? first + ", ..." : first;
  }
}
