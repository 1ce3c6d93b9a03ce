package io.tritmill.jobs.recipe;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes the canonical form of a recipe.
 *
 * <p>Its hash names runs, so its bytes are decided here and not by the version of a library.
 */
final class RecipeYaml {
  private RecipeYaml() {}

  static String write(Recipe recipe) {
    StringBuilder out = new StringBuilder();
    line(out, "version: ", recipe.version());
    line(out, "name: ", Scalars.write(recipe.name()));
    line(out, "seed: ", recipe.seed());
    recipe.calibration().ifPresent(c -> line(out, "calibration: ", mapping(Parameters.write(c))));
    line(out, "transforms: ", list(recipe.transforms().stream().map(Scalars::write).toList()));
    line(out, "propagate_error: ", recipe.propagateError());
    line(out, "rules:", "");
    for (Rule rule : recipe.rules()) {
      line(out, "  - match: ", list(rule.match().stream().map(Pattern::toYaml).toList()));
      if (rule.keep()) {
        line(out, "    keep: ", true);
      } else {
        line(out, "    stages: ", list(rule.stages().stream().map(RecipeYaml::stage).toList()));
      }
    }
    recipe.gate().ifPresent(gate -> line(out, "gate: ", mapping(Parameters.write(gate))));
    if (!recipe.exports().isEmpty()) {
      List<String> exports =
          recipe.exports().stream().map(one -> mapping(Parameters.write(one))).toList();
      line(out, "export: ", list(exports));
    }
    return out.toString();
  }

  private static String stage(Record stage) {
    String name = Stages.name(stage.getClass());
    Map<String, String> parameters = Parameters.write(stage);
    return parameters.isEmpty() ? name : "{" + name + ": " + mapping(parameters) + "}";
  }

  private static String mapping(Map<String, String> values) {
    return values.entrySet().stream()
        .map(entry -> entry.getKey() + ": " + entry.getValue())
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String list(Collection<String> values) {
    return "[" + String.join(", ", values) + "]";
  }

  private static void line(StringBuilder out, String key, Object value) {
    out.append(key).append(value).append('\n');
  }
}
