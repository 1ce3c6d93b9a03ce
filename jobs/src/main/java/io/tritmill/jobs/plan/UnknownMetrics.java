package io.tritmill.jobs.plan;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.recipe.Rule;
import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.round.TritRows;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Leaves the metric of outputs out of the rules of layers of which it is not known how the loss
 * answers to them.
 *
 * <p>Where rows choose their planes, damages of all layers are weighed against each other, so it is
 * left out of all of them. Logits are never weighed so: the soft-max ties the rows of a head
 * together, all of which no task holds.
 */
final class UnknownMetrics {
  private UnknownMetrics() {}

  /**
   * The rule of each layer.
   *
   * @param rules by the name of the layer's tensor
   * @param parts the part of a tensor
   * @param warnings gets a sentence where a stage is left out
   * @throws BadInputException if a rule's other stages do not go together without it
   */
  static Map<String, Rule> leaveOut(
      Map<String, Rule> rules, Function<String, Part> parts, List<String> warnings) {
    List<String> asking = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    List<String> heads = new ArrayList<>();
    boolean weighed = false;
    Map<Rule, Quantizer> methods = new IdentityHashMap<>();
    for (Map.Entry<String, Rule> entry : rules.entrySet()) {
      Rule rule = entry.getValue();
      Quantizer method = rule.keep() ? null : methods.computeIfAbsent(rule, Rule::quantizer);
      if (method == null || !method.needs().contains(Need.OUTPUT_METRIC)) {
        continue;
      }
      Part part = parts.apply(entry.getKey());
      if (part.head()) {
        heads.add(entry.getKey());
        continue;
      }
      asking.add(entry.getKey());
      weighed |= method.rounding() instanceof TritRows;
      if (part.module() != null && part.module().metric() == LossMetric.UNKNOWN) {
        unknown.add(entry.getKey());
      }
    }
    Map<String, Rule> all = new LinkedHashMap<>(rules);
    for (String head : heads) {
      all.computeIfPresent(head, UnknownMetrics::plain);
      warnings.add(
          "output_metric is left out of %s, a head: the metric of its outputs has a row and a column"
                  .formatted(Printable.of(head))
              + " for each token of the vocabulary");
    }
    if (unknown.isEmpty()) {
      return all;
    }
    List<String> changed = weighed ? asking : unknown;
    Map<Rule, Rule> plain = new IdentityHashMap<>();
    for (String name : changed) {
      all.computeIfPresent(
          name, (same, rule) -> plain.computeIfAbsent(rule, one -> plain(name, one)));
    }
    warnings.add(
        "output_metric is left out of %d of %d layers: how the loss answers to errors of %s, for one,"
                .formatted(changed.size(), asking.size(), Printable.of(unknown.getFirst()))
            + " is not known in this family");
    return all;
  }

  private static Rule plain(String name, Rule rule) {
    return rule.without(Need.OUTPUT_METRIC)
        .orElseThrow(
            () ->
                BadInputException.unsupported(
                    "%s: %s needs to know how the loss answers to its outputs, which is not known in"
                        + " this family; use stages that do not",
                    Printable.of(name), rule.method()));
  }
}
