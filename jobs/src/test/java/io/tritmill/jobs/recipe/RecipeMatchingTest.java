package io.tritmill.jobs.recipe;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RecipeMatchingTest {
  private static final String UP = "model.layers.0.mlp.up_proj.weight";
  private static final String DOWN = "model.layers.0.mlp.down_proj.weight";
  private static final String NORM = "model.layers.0.input_layernorm.weight";
  private static final String HEAD = "lm_head.weight";
  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final List<Target> LAYERS =
      List.of(new Target(UP, 64, Set.of(Kind.LINEAR)), new Target(DOWN, 64, Set.of(Kind.LINEAR)));
  private static final List<Target> ALL =
      List.of(
          new Target(UP, 64, Set.of(Kind.LINEAR)),
          new Target(DOWN, 64, Set.of(Kind.EXPERTS)),
          new Target(NORM, 64, Set.of()),
          new Target(EMBEDDING, 64, Set.of(Kind.EMBEDDING)),
          new Target(HEAD, 64, Set.of(Kind.HEAD)));
  private static final String STAGE = Sample.class.getName();

  @Test
  void theFirstRuleThatMatchesWins() {
    Recipe recipe = recipe(rule("*.down_proj.*", "keep: true"), rule("*", stage()));
    Map<String, Rule> rules = new Matching(recipe, LAYERS).rules();
    assertEquals(List.of(UP, DOWN), List.copyOf(rules.keySet()));
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
        () -> new Matching(recipe, LAYERS).rules());
  }

  @Test
  void onlyTheFirstLayersWithoutARuleAreNamed() {
    Recipe recipe = recipe(rule("x", "keep: true"));
    List<Target> layers =
        Stream.of("a", "b", "c", "d", "e")
            .map(name -> new Target(name, 64, Set.of(Kind.LINEAR)))
            .collect(Collectors.toCollection(ArrayList::new));
    layers.add(new Target("x", 64, Set.of()));
    assertUnsupported(
        "recipe test: no rule matches 5 of 5 linear layers (a, b, c, ...); add a rule for them, or"
            + " end with match: \"*\" and keep: true",
        () -> new Matching(recipe, layers).rules());
  }

  @Test
  void aPatternThatAlsoMatchesLayersLeavesTheOthersAlone() {
    Recipe recipe = recipe(rule("*.weight", stage()));
    assertDoesNotThrow(() -> new Matching(recipe, ALL).rules());
  }

  @Test
  void stagesForOtherTensorsAloneAreRefused() {
    Recipe recipe = recipe(rule("*", "keep: true"), rule("[\"*.mlp.*\", \"lm_*\"]", stage()));
    assertUnsupported(
        "recipe test: rule 2 would compress lm_head.weight, but names choose among the matrices of"
            + " linear layers inside blocks alone; give lm_* keep: true, or write match: {kind:"
            + " head}",
        () -> new Matching(recipe, ALL).rules());
  }

  @Test
  void otherTensorsMayBeKeptByName() {
    Recipe recipe = recipe(rule("lm_*", "keep: true"), rule("*", stage()));
    assertDoesNotThrow(() -> new Matching(recipe, ALL).rules());
  }

  @Test
  void rulesThatNothingTakesAreNamed() {
    Recipe recipe =
        recipe(
            rule("*.up_proj.*", stage()),
            rule("{kind: experts}", stage()),
            rule("*0.mlp.up*", stage()),
            rule("*", "keep: true"));
    assertEquals(
        List.of(
            "recipe test: rule 2 (match: [{kind: experts}]) matches no tensor",
            "recipe test: rule 3 (match: [*0.mlp.up*]) matches only tensors that earlier rules"
                + " take"),
        new Matching(recipe, LAYERS).warnings());
  }

  @Test
  void aNameThatMatchesNothingIsRefused() {
    Recipe recipe = recipe(rule("[\"*.up_proj.*\", \"*.up_prj.*\"]", stage()), rule("*", stage()));
    assertUnsupported(
        "recipe test: rule 1 (match: [*.up_proj.*, *.up_prj.*]): *.up_prj.* matches no tensor of"
            + " the checkpoint; correct it, or remove it",
        () -> new Matching(recipe, ALL).rules());
  }

  @Test
  void everyRuleIsTakenWhereEachIsFirstForSomeTensor() {
    Recipe recipe = recipe(rule("*.up_proj.*", stage()), rule("*", "keep: true"));
    assertEquals(List.of(), new Matching(recipe, LAYERS).warnings());
  }

  @Test
  void aRuleWithoutLevelsForATensorsRowsIsPassedOver() {
    Recipe recipe =
        recipe(rule("*", "stages: [q4_k]"), rule("*", stage()), rule("*", "keep: true"));
    Set<Kind> linear = Set.of(Kind.LINEAR);
    Matching matching =
        new Matching(recipe, List.of(new Target(UP, 512, linear), new Target(DOWN, 576, linear)));
    assertEquals(recipe.rules().get(0), matching.rules().get(UP));
    assertEquals(recipe.rules().get(1), matching.rules().get(DOWN));
    assertEquals(
        Map.of(DOWN, "q4_k has blocks of 256 columns, found rows of 576"), matching.passedOver());
    assertEquals(
        List.of("recipe test: rule 3 (match: [*]) matches only tensors that earlier rules take"),
        matching.warnings());
  }

  @Test
  void aRuleForWholeGroupsIsPassedOverWhereTheyDoNotDivideRows() {
    Recipe recipe =
        recipe(
            rule("*", "stages: [{gptq: {}}, {four_levels: {group: 256, whole: true}}]"),
            rule("*", stage()));
    Set<Kind> linear = Set.of(Kind.LINEAR);
    Matching matching =
        new Matching(recipe, List.of(new Target(UP, 512, linear), new Target(DOWN, 64, linear)));
    assertEquals(recipe.rules().get(0), matching.rules().get(UP));
    assertEquals(recipe.rules().get(1), matching.rules().get(DOWN));
    assertEquals(
        Map.of(DOWN, "four_levels has whole groups of 256 columns, found rows of 64"),
        matching.passedOver());
  }

  @Test
  void whereNoRuleHasLevelsForATensorTheFirstIsItsOwn() {
    Recipe recipe = recipe(rule("*", "stages: [q4_k]"));
    Matching matching = new Matching(recipe, List.of(new Target(UP, 576, Set.of(Kind.LINEAR))));
    assertEquals(recipe.rules().get(0), matching.rules().get(UP));
    assertEquals(Map.of(), matching.passedOver());
  }

  @Test
  void aRuleBehindOneForSomeRowsIsNotNeedless() {
    Recipe recipe = recipe(rule("*", "stages: [q4_k]"), rule("*", stage()));
    Matching matching = new Matching(recipe, List.of(new Target(UP, 512, Set.of(Kind.LINEAR))));
    assertEquals(List.of(), matching.warnings());
  }

  @Test
  void tablesAreChosenByTheirKindAlone() {
    Recipe recipe =
        recipe(
            rule("{kind: experts}", "keep: true"),
            rule("*", stage()),
            rule("[{kind: head}, {kind: rest}]", stage()));
    Map<String, Rule> rules = new Matching(recipe, ALL).rules();
    assertEquals(Set.of(UP, DOWN, HEAD), rules.keySet());
    assertTrue(rules.get(DOWN).keep());
    assertEquals(recipe.rules().get(2), rules.get(HEAD));
  }

  @Test
  void whatIsKeptByNameIsNotChosenByKind() {
    Recipe recipe =
        recipe(rule("lm_*", "keep: true"), rule("{kind: head}", stage()), rule("*", stage()));
    assertTrue(new Matching(recipe, ALL).rules().get(HEAD).keep());
  }

  @Test
  void aTiedTableIsBoth() {
    Target table = new Target(EMBEDDING, 64, Set.of(Kind.EMBEDDING, Kind.HEAD));
    for (String kind : List.of("embedding", "head")) {
      Recipe recipe = recipe(rule("{kind: " + kind + "}", stage()));
      assertEquals(
          recipe.rules().getFirst(), new Matching(recipe, List.of(table)).rules().get(EMBEDDING));
    }
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
    String quoted = match.startsWith("[") || match.startsWith("{kind") ? match : '"' + match + '"';
    return "  - match: " + quoted + "\n    " + treatment + "\n";
  }

  private static Recipe recipe(String... rules) {
    String yaml = "version: 1\nname: test\nrules:\n" + String.join("", rules);
    return RecipeParser.parse("test.yaml", yaml.getBytes(StandardCharsets.UTF_8));
  }
}
