package io.tritmill.jobs.recipe;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecipeMatchingTest {
  private static final String UP = "model.layers.0.mlp.up_proj.weight";
  private static final String DOWN = "model.layers.0.mlp.down_proj.weight";
  private static final String NORM = "model.layers.0.input_layernorm.weight";
  private static final String HEAD = "lm_head.weight";
  private static final List<String> LAYERS = List.of(UP, DOWN);
  private static final List<String> OTHERS = List.of(NORM, HEAD);
  private static final String STAGE = Sample.class.getName();

  @Test
  void theFirstRuleThatMatchesWins() {
    Recipe recipe = recipe(rule("*.down_proj.*", "keep: true"), rule("*", stage()));
    Map<String, Rule> rules = recipe.requireRuleFor(LAYERS);
    assertEquals(LAYERS, List.copyOf(rules.keySet()));
    assertEquals(recipe.rules().get(1), rules.get(UP));
    assertEquals(recipe.rules().get(0), rules.get(DOWN));
    assertTrue(rules.get(DOWN).keep());
    assertEquals(Sample.DEFAULT, rules.get(UP).quantizer());
    assertEquals("keep", rules.get(DOWN).method());
    assertEquals(STAGE, rules.get(UP).method());
  }

  @Test
  void aLayerWithoutARuleIsNamed() {
    Recipe recipe = recipe(rule("*.up_proj.*", stage()));
    assertUnsupported(
        "recipe test: no rule matches 1 of 2 linear layers ("
            + DOWN
            + "); add a rule for them, or"
            + " end with match: \"*\" and keep: true",
        () -> recipe.requireRuleFor(LAYERS));
  }

  @Test
  void onlyTheFirstLayersWithoutARuleAreNamed() {
    Recipe recipe = recipe(rule("x", "keep: true"));
    assertUnsupported(
        "recipe test: no rule matches 5 of 5 linear layers (a, b, c, ...); add a rule for them, or"
            + " end with match: \"*\" and keep: true",
        () -> recipe.requireRuleFor(List.of("a", "b", "c", "d", "e")));
  }

  @Test
  void aPatternThatAlsoMatchesLayersLeavesTheOthersAlone() {
    Recipe recipe = recipe(rule("*.weight", stage()));
    assertDoesNotThrow(() -> recipe.refuseStagesOutsideLayers(LAYERS, OTHERS));
  }

  @Test
  void stagesForOtherTensorsAloneAreRefused() {
    Recipe recipe = recipe(rule("*", "keep: true"), rule("[\"*.mlp.*\", \"lm_*\"]", stage()));
    assertUnsupported(
        "recipe test: rule 2 would compress lm_head.weight, but only the matrices of linear layers"
            + " inside blocks can be; give lm_* keep: true",
        () -> recipe.refuseStagesOutsideLayers(LAYERS, OTHERS));
  }

  @Test
  void otherTensorsMayBeKeptByName() {
    Recipe recipe = recipe(rule("lm_*", "keep: true"), rule("*", stage()));
    assertDoesNotThrow(() -> recipe.refuseStagesOutsideLayers(LAYERS, OTHERS));
  }

  @Test
  void rulesThatNothingTakesAreNamed() {
    Recipe recipe =
        recipe(
            rule("*.up_proj.*", stage()),
            rule("*.up_prj.*", stage()),
            rule("*0.mlp.up*", stage()),
            rule("*", "keep: true"));
    assertEquals(
        List.of(
            "recipe test: rule 2 (match: [*.up_prj.*]) matches no tensor",
            "recipe test: rule 3 (match: [*0.mlp.up*]) matches only tensors that earlier rules"
                + " take"),
        recipe.unmatchedRules(LAYERS));
  }

  @Test
  void everyRuleIsTakenWhereEachIsFirstForSomeTensor() {
    Recipe recipe = recipe(rule("*.up_proj.*", stage()), rule("*", "keep: true"));
    assertEquals(List.of(), recipe.unmatchedRules(LAYERS));
  }

  private static void assertUnsupported(String message, Runnable action) {
    BadInputException e = assertThrows(BadInputException.class, action::run);
    assertEquals(message, e.getMessage());
    assertEquals(ExitCode.UNSUPPORTED, e.exitCode());
  }

  private static String stage() {
    return "stages: [" + STAGE + "]";
  }

  private static String rule(String match, String treatment) {
    String quoted = match.startsWith("[") ? match : '"' + match + '"';
    return "  - match: " + quoted + "\n    " + treatment + "\n";
  }

  private static Recipe recipe(String... rules) {
    String yaml = "version: 1\nname: test\nrules:\n" + String.join("", rules);
    return RecipeParser.parse("test.yaml", yaml.getBytes(StandardCharsets.UTF_8));
  }
}
