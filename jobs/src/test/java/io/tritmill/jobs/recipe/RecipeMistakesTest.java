package io.tritmill.jobs.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RecipeMistakesTest {
  private static final String SAMPLE = Sample.class.getName();
  private static final String HEAD = "version: 1\nname: n\n";
  private static final String KEEP = "rules: [{match: '*', keep: true}]\n";
  private static final String PARAMETERS =
      "it has planes, group, kept_share, damp, salt, tied, order, note";

  static Stream<Arguments> contents() {
    return Stream.of(
        // keys of the recipe
        arguments(
            "nmae: n\nversion: 1\n" + KEEP,
            "1: recipe has no key 'nmae'; it has version, name, seed, calibration, transforms, propagate_error, rules, gate, export; did you mean 'name'?"),
        arguments(
            HEAD + KEEP + "spark.executor.memory: 4g",
            "4: recipe has no key 'spark.executor.memory'; it has version, name, seed, calibration, transforms, propagate_error, rules, gate, export"),
        arguments("name: n\n" + KEEP, "1: recipe has no 'version', which it needs"),
        arguments("version: 1\n" + KEEP, "1: recipe has no 'name', which it needs"),
        arguments(HEAD, "1: recipe has no 'rules', which it needs"),
        arguments(
            "name: n\nversion: 2\nquantizers: []",
            "2: version is 2, but this Tritmill reads version 1"),
        arguments("version: one\nname: n\n" + KEEP, "1: version is 'one', expected a whole number"),
        arguments(
            "version: 1\nname: 2024\n" + KEEP,
            "2: name is '2024', expected text; put it in quotes"),
        arguments(
            "version: 1\nname: ../x\n" + KEEP,
            "1: name is '../x', expected 1 to 100 letters, digits, '.', '_' or '-'"),
        arguments("version: 1\nname: [a]\n" + KEEP, "2: name is a list, expected text"),
        arguments("version: 1\nname:\n" + KEEP, "2: name is empty, expected text"),
        arguments(HEAD + "seed: 1.5\n" + KEEP, "3: seed is '1.5', expected a whole number"),
        arguments(
            HEAD + "seed: 99999999999999999999\n" + KEEP,
            "3: seed is '99999999999999999999', expected a whole number from -9223372036854775808 to 9223372036854775807"),
        arguments(
            HEAD + "propagate_error: yes\n" + KEEP,
            "3: propagate_error is 'yes', expected true or false"),
        arguments(
            HEAD + "propagate_error: 'true'\n" + KEEP,
            "3: propagate_error is 'true', expected true or false without quotes"),
        arguments(
            HEAD + KEEP + "export: [{format: gptq, type: q4_0}]",
            "4: export: type and table_type are those of gguf, but format is 'gptq'"),
        arguments(
            HEAD + "transforms: [hadamard]\n" + KEEP + "export: [{format: gguf}]",
            "1: export asks for what other programs open, but transforms rotates the model, which none of them undoes; leave one of the two out"),
        arguments(
            HEAD + "transforms: hadamard\n" + KEEP, "3: transforms is 'hadamard', expected a list"),
        arguments(
            HEAD + "transforms: [{hadamard: 1}]\n" + KEEP,
            "3: transforms is a mapping, expected text"),
        arguments(
            HEAD + "transforms: [hadamar]\n" + KEEP,
            "1: transforms has 'hadamar', expected hadamard; did you mean 'hadamard'?"),
        arguments(
            HEAD + "transforms: [hadamard, hadamard]\n" + KEEP, "1: transforms has hadamard twice"),
        arguments(
            HEAD + "calibration: 128\n" + KEEP, "3: calibration is '128', expected a mapping"),
        arguments(
            HEAD + "calibration: {sample: 3}\n" + KEEP,
            "3: calibration has no parameter 'sample'; it has samples, sequence_length, held_out; did you mean 'samples'?"),
        arguments(
            HEAD + "calibration: {samples: 0}\n" + KEEP,
            "3: calibration: samples is at least 1 and sequence_length at least 2, found 0 and 2048"),
        arguments(
            HEAD + KEEP + "gate: {}",
            "4: gate: has no limit, expected max_perplexity_ratio, max_kl_divergence,"
                + " max_output_error or max_weight_error"),
        arguments(
            HEAD + KEEP + "gate: {max_perplexity_ratio: -1}",
            "4: gate: max_perplexity_ratio is positive, found -1.0"),
        arguments(
            HEAD + KEEP + "gate: {max_perplexity_ratio: .inf}",
            "4: max_perplexity_ratio is '.inf', expected a number"),
        arguments(
            HEAD + "seed: 1\nseed: 2\n" + KEEP,
            "4: recipe has key 'seed' twice; the first is in line 3"),
        arguments(HEAD + KEEP + "[a, b]: 3", "4: a key of recipe is a list, expected a word"),
        // rules
        arguments(HEAD + "rules: []", "1: rules is empty, expected at least one rule"),
        arguments(HEAD + "rules: {match: a}", "3: rules is a mapping, expected a list"),
        arguments(HEAD + "rules:\n- '*'", "4: rule is '*', expected a mapping"),
        arguments(HEAD + "rules:\n- keep: true", "4: rule has no 'match', which it needs"),
        arguments(
            HEAD + "rules:\n- match: a\n  kep: true",
            "5: rule has no key 'kep'; it has match, keep, stages; did you mean 'keep'?"),
        arguments(HEAD + "rules:\n- match: a", "4: rule needs either 'keep: true' or 'stages'"),
        arguments(
            HEAD + "rules:\n- match: a\n  keep: true\n  stages: [" + SAMPLE + "]",
            "4: rule needs either 'keep: true' or 'stages'"),
        arguments(
            HEAD + "rules:\n- match: a\n  keep: false",
            "5: keep is false; write keep: true, or stages in its place"),
        arguments(
            HEAD + "rules:\n- match: []\n  keep: true",
            "4: match is empty, expected at least one pattern"),
        arguments(
            HEAD + "rules:\n- match:\n    - a\n    - 5\n  keep: true",
            "6: match is '5', expected text; put it in quotes"),
        arguments(
            HEAD + "rules:\n- match:\n    - a\n    - 'a{b'\n  keep: true",
            "6: Pattern a{b has '{' without '}'; a pattern knows *, ? and {a,b}"),
        arguments(
            HEAD + "rules:\n- match: {kind: heads}\n  keep: true",
            "4: kind is 'heads', expected one of linear, experts, embedding, head, rest"),
        arguments(
            HEAD + "rules:\n- match: {name: head}\n  keep: true",
            "4: match has no key 'name'; it has kind"),
        arguments(
            HEAD + "rules:\n- match: [a, {}]\n  keep: true",
            "4: match has no 'kind', which it needs"),
        arguments(
            HEAD + "rules:\n- match: 'layers.[0-3].*'\n  keep: true",
            "4: Pattern layers.[0-3].* has '[' where it means nothing; a pattern knows *, ? and {a,b}"),
        // stages
        arguments(rule("stages: " + SAMPLE), "5: stages is '" + SAMPLE + "', expected a list"),
        arguments(
            rule("stages: []"),
            "5: stages is empty, expected a stage; to keep tensors write keep: true"),
        arguments(rule("stages: [[a]]"), "5: stage is a list, expected a mapping"),
        arguments(rule("stages: [5]"), "5: stage is '5', expected text; put it in quotes"),
        arguments(
            rule("stages: [" + SAMPLE + ", " + SAMPLE + "]"),
            "5: stages has "
                + SAMPLE
                + ", which rounds, before its end; only the last stage rounds"),
        arguments(
            rule("stages:\n  - " + SAMPLE + ":\n    planes: 2"),
            "6: stage has 2 keys, expected one: write {name: {parameter: value, ...}}"),
        arguments(
            rule("stages: [{" + SAMPLE + ": 3}]"), "5: " + SAMPLE + " is '3', expected a mapping"),
        arguments(
            rule("stages: [org.example.Missing]"),
            "5: stage 'org.example.Missing' is not on the class path; add its jar with --jars"),
        arguments(
            rule("stages: [java.lang.Runtime]"),
            "5: class java.lang.Runtime is no public record that implements io.tritmill.kernels.quantize.Quantizer or"
                + " io.tritmill.kernels.quantize.Stage"),
        arguments(
            rule("stages: [io.tritmill.kernels.code.PlaneLayout]"),
            "5: class io.tritmill.kernels.code.PlaneLayout is no public record that implements io.tritmill.kernels.quantize.Quantizer or"
                + " io.tritmill.kernels.quantize.Stage"),
        // parameters
        arguments(
            sample("plane: 2"),
            "7: "
                + SAMPLE
                + " has no parameter 'plane'; "
                + PARAMETERS
                + "; did you mean 'planes'?"),
        arguments(
            sample("keptShare: 2"),
            "7: "
                + SAMPLE
                + " has no parameter 'keptShare'; "
                + PARAMETERS
                + "; did you mean 'kept_share'?"),
        arguments(sample("planes: two"), "7: planes is 'two', expected a whole number"),
        arguments(sample("planes: 0x2"), "7: planes is '0x2', expected a whole number"),
        arguments(
            sample("planes: '2'"), "7: planes is '2', expected a whole number without quotes"),
        arguments(
            sample("planes: 3000000000"),
            "7: planes is '3000000000', expected a whole number from -2147483648 to 2147483647"),
        arguments(sample("planes:"), "7: planes is empty, expected a whole number"),
        arguments(sample("planes: 4"), "6: planes is 1, 2 or 3, found 4"),
        arguments(
            sample("group: rows"),
            "7: group is 'rows': A group is a number of columns, row or tensor, found rows"),
        arguments(sample("group: 0"), "7: group is '0': A group has at least 1 column, found 0"),
        arguments(sample("kept_share: 1e60"), "7: kept_share is '1e60', expected a smaller number"),
        arguments(sample("kept_share: true"), "7: kept_share is 'true', expected a number"),
        arguments(sample("damp: {a: 1}"), "7: damp is a mapping, expected a number"),
        arguments(sample("tied: 1"), "7: tied is '1', expected true or false"),
        arguments(
            sample("order: rowwise"),
            "7: order is 'rowwise', expected one of row_wise, column_wise"),
        arguments(sample("note: 5"), "7: note is '5', expected text; put it in quotes"),
        arguments(
            rule("stages: [" + Demanding.class.getName() + "]"),
            "5: " + Demanding.class.getName() + " has no 'planes', which it needs"),
        arguments(
            sample("planes: \"\\e[31m" + "x".repeat(200) + '"'),
            "7: planes is '\uFFFD[31m" + "x".repeat(115) + "...', expected a whole number"));
  }

  @ParameterizedTest
  @MethodSource("contents")
  void saysWhereAndWhat(String yaml, String sentence) {
    assertMistake(ExitCode.UNSUPPORTED, sentence, yaml.getBytes(StandardCharsets.UTF_8));
  }

  static Stream<Arguments> files() {
    return Stream.of(
        arguments("", "1: is empty, expected a recipe"),
        arguments("# nothing\n", "1: is empty, expected a recipe"),
        arguments(
            HEAD + "rules: [",
            "3: is not YAML: expected the node content, but found '<stream end>'"),
        arguments(
            HEAD + "\trules: []",
            "3: is not YAML: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation)"),
        arguments(HEAD + "transforms: \"\\u", "3: is not YAML: ends inside an escape"),
        arguments(HEAD + "a: b: c", "3: is not YAML: mapping values are not allowed here"),
        arguments(HEAD + "seed: *zero", "3: is not YAML: found undefined alias zero"),
        arguments(
            HEAD + "rules:\n  - match: *\n    keep: true\n",
            "4: is not YAML: put quotes round *, so: \"*\""),
        arguments(
            HEAD + "rules:\n  - match: *_proj\n    keep: true\n",
            "4: is not YAML: put quotes round *_proj, so: \"*_proj\""),
        arguments(
            HEAD + "rules: [{match: *.bias, keep: true}]\n",
            "3: is not YAML: put quotes round *.bias, so: \"*.bias\""),
        arguments(HEAD + "---\n" + HEAD, "3: is not YAML: but found another document"),
        arguments(HEAD + "seed: \u0000", "3: is not YAML: character U+0000 may not stand there"),
        arguments(
            HEAD + "seed: !!java.net.URL ['http://x']",
            "3: has a tag, tag:yaml.org,2002:java.net.URL; remove it"),
        arguments(HEAD + "seed: !!int 3", "3: has a tag, tag:yaml.org,2002:int; remove it"),
        arguments(
            HEAD + "a: &a [x]\nb: [" + "*a, ".repeat(51) + "]",
            "4: has more than 50 aliases; write the values out"),
        arguments(HEAD + "a: " + "[".repeat(30), "3: is nested deeper than 20 levels"),
        arguments(HEAD + "a: " + "{a: ".repeat(100_000), "3: is nested deeper than 20 levels"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void refusesWhatNoRecipeNeeds(String yaml, String sentence) {
    assertMistake(ExitCode.BROKEN_INPUT, sentence, yaml.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void refusesWhatIsNoUtf8() {
    byte[] latin = "version: 1\nname: \u00e9t\u00e9\n".getBytes(StandardCharsets.ISO_8859_1);
    assertMistake(ExitCode.BROKEN_INPUT, "2: is not UTF-8; save the file as UTF-8", latin);
  }

  @Test
  void refusesAFileThatIsTooLarge() {
    assertMistake(
        ExitCode.BROKEN_INPUT,
        "1: has 1048577 bytes, expected at most 1048576",
        " ".repeat((1 << 20) + 1).getBytes(StandardCharsets.UTF_8));
  }

  private static void assertMistake(ExitCode code, String sentence, byte[] yaml) {
    BadInputException e =
        assertThrows(BadInputException.class, () -> RecipeParser.parse("mixed.yaml", yaml));
    assertEquals("mixed.yaml:" + sentence, e.getMessage());
    assertEquals(code, e.exitCode());
  }

  private static String rule(String stages) {
    return HEAD + "rules:\n- match: a\n  " + stages;
  }

  private static String sample(String parameter) {
    return rule("stages:\n  - " + SAMPLE + ":\n      " + parameter);
  }
}
