package io.tritmill.jobs.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Group;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecipeParserTest {
  private static final String SAMPLE = Sample.class.getName();

  private static final String FULL =
      """
      # What a person would write.
      version: 1
      name: trit2
      seed: -5
      calibration: {samples: 64}
      transforms: [hadamard]
      propagate_error: true
      rules:
        - match: [lm_head.weight, "*embed_tokens*"]
          keep: true
        - match: "*.mlp.down_proj.weight"
          stages:
            - %1$s:
                planes: 3
                group: row
                kept_share: .5
                damp: 1
                order: column_wise
                note: "10 %%\\n"
        - match: '*'
          stages: [%1$s]
      gate: {max_perplexity_ratio: 1.15}
      """
          .formatted(SAMPLE);

  @Test
  void readsEveryKey() {
    Recipe recipe = parse(FULL);
    assertEquals(
        new Recipe(
            1,
            "trit2",
            -5,
            Optional.of(new Recipe.Calibration(64, 2048, 16)),
            List.of("hadamard"),
            true,
            List.of(
                new Rule(
                    List.of(new Glob("lm_head.weight"), new Glob("*embed_tokens*")), List.of()),
                new Rule(
                    List.of(new Glob("*.mlp.down_proj.weight")),
                    List.of(
                        new Sample(
                            3, Group.ROW, 0.5f, 1.0, 7, true, Sample.Order.COLUMN_WISE, "10 %\n"))),
                new Rule(List.of(new Glob("*")), List.of(Sample.DEFAULT))),
            Optional.of(Recipe.Gate.ofPerplexityRatio(1.15)),
            List.of()),
        recipe);
  }

  @Test
  void readsWhatIsWrittenForOtherPrograms() {
    String rules = "version: 1\nname: n\nrules: [{match: '*', keep: true}]\n";
    Recipe recipe = parse(rules + "export: [{format: gguf, type: q4_0}, {format: gptq}]\n");
    assertEquals(
        List.of("gguf:q4_0", "gptq"), recipe.exports().stream().map(Recipe.Export::name).toList());
    assertTrue(
        recipe
            .toYaml()
            .endsWith(
                "export: [{format: gguf, type: q4_0, table_type: auto}, {format: gptq, type: auto,"
                    + " table_type: auto}]\n"),
        recipe.toYaml());
  }

  @Test
  void writesEveryDefaultOut() {
    assertEquals(
        """
        version: 1
        name: trit2
        seed: -5
        calibration: {samples: 64, sequence_length: 2048, held_out: 16}
        transforms: [hadamard]
        propagate_error: true
        rules:
          - match: [lm_head.weight, "*embed_tokens*"]
            keep: true
          - match: ["*.mlp.down_proj.weight"]
            stages: [{%1$s: {planes: 3, group: row, kept_share: 0.5, damp: 1.0, salt: 7, \
        tied: true, order: column_wise, note: "10 %%\\U0000000a"}}]
          - match: ["*"]
            stages: [{%1$s: {planes: 2, group: 128, kept_share: 0.7, damp: 0.001, salt: 7, \
        tied: true, order: row_wise, note: plain}}]
        gate: {max_perplexity_ratio: 1.15}
        """
            .formatted(SAMPLE),
        parse(FULL).toYaml());
  }

  @Test
  void leavesOutWhatIsNotThere() {
    Recipe recipe = parse("version: 1\nname: plain\nrules: [{match: '*', keep: true}]");
    assertEquals(0, recipe.seed());
    assertEquals(
        """
        version: 1
        name: plain
        seed: 0
        transforms: []
        propagate_error: false
        rules:
          - match: ["*"]
            keep: true
        """,
        recipe.toYaml());
  }

  @Test
  void theHashIsThatOfTheCanonicalForm() {
    String spacious =
        "version: 1\n\nname: 'plain'\nrules:\n- {keep: true, match: ['*']}\nseed: 0\n";
    Recipe recipe = parse("version: 1\nname: plain\nrules: [{match: '*', keep: true}]");
    assertEquals(recipe.sha256(), parse(spacious).sha256());
    assertEquals(
        // printf of the canonical form above | sha256sum
        "cf3479a15a3ad99708f19af9da87cf6065b3548831c680d6e5b539f0d3fd169b", recipe.sha256());
  }

  @Test
  void aStageWithoutParametersTakesEveryDefault() {
    for (String stage : List.of(SAMPLE, "{%s: }", "{%s: {}}", "{\"%s\": null}")) {
      Recipe recipe =
          parse(
              "version: 1\nname: plain\nrules: [{match: '*', stages: [%s]}]"
                  .formatted(stage.formatted(SAMPLE)));
      assertEquals(List.of(Sample.DEFAULT), recipe.rules().get(0).stages(), stage);
    }
  }

  @Test
  void aFewAliasesAreAllowed() {
    Recipe recipe =
        parse(
            """
            version: 1
            name: n
            rules:
              - match: a
                stages: &all [%s]
              - match: b
                stages: *all
            """
                .formatted(SAMPLE));
    assertEquals(recipe.rules().get(0).stages(), recipe.rules().get(1).stages());
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheText() {
    Recipe recipe = parse("\uFEFFversion: 1\nname: plain\nrules: [{match: '*', keep: true}]");
    assertEquals("plain", recipe.name());
  }

  @Test
  void saysWhatHasNoEffect() {
    assertEquals(
        List.of(
            "recipe trit2: calibration has no effect: no stage needs data",
            "recipe trit2: propagate_error has no effect: no stage needs data"),
        parse(FULL).warnings());
    Recipe plain = parse("version: 1\nname: plain\nrules: [{match: '*', keep: true}]");
    assertEquals(List.of(), plain.warnings());
  }

  private static Recipe parse(String yaml) {
    return RecipeParser.parse("test.yaml", yaml.getBytes(StandardCharsets.UTF_8));
  }
}
