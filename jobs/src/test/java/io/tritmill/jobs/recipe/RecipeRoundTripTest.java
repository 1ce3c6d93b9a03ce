package io.tritmill.jobs.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.kernels.code.Group;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalDouble;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class RecipeRoundTripTest {
  @Tag("slow")
  @Property(tries = 500)
  void parsingTheCanonicalFormGivesTheRecipe(@ForAll("recipes") Recipe recipe) {
    String yaml = recipe.toYaml();
    Recipe back = RecipeParser.parse("test.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    assertEquals(recipe, back);
    assertEquals(yaml, back.toYaml());
    assertEquals(recipe.sha256(), back.sha256());
  }

  /** YAML 1.1 has more numbers and truth values than we read; none may appear in what we write. */
  @Property(tries = 500)
  void everyOtherYamlReaderSeesTheSameText(@ForAll("texts") String text) {
    Yaml plain = new Yaml(new SafeConstructor(new LoaderOptions()));
    assertEquals(List.of(text), plain.load("[" + Scalars.write(text) + "]"));
  }

  @Property(tries = 500)
  void everyOtherYamlReaderSeesTheSameNumber(@ForAll double number) {
    Yaml plain = new Yaml(new SafeConstructor(new LoaderOptions()));
    assertEquals(List.of(number), plain.load("[" + Scalars.write(number) + "]"));
  }

  @Provide
  Arbitrary<Recipe> recipes() {
    Arbitrary<Recipe.Calibration> calibrations =
        Combinators.combine(
                Arbitraries.integers().between(1, 1000), integersFrom(2), integersFrom(0))
            .as(Recipe.Calibration::new);
    Arbitrary<OptionalDouble> limits =
        Arbitraries.doubles()
            .greaterOrEqual(0.01)
            .optional()
            .map(limit -> limit.map(OptionalDouble::of).orElseGet(OptionalDouble::empty));
    Arbitrary<Recipe.Gate> gates =
        Combinators.combine(Arbitraries.doubles().greaterOrEqual(0.01), limits, limits)
            .as(
                (ratio, divergence, error) ->
                    new Recipe.Gate(
                        OptionalDouble.of(ratio), divergence, OptionalDouble.empty(), error));
    return Combinators.combine(
            Arbitraries.of("n", "trit2-uniform", "0.5", "true", "1e5", "on", "null", "a_b"),
            Arbitraries.longs(),
            calibrations.optional(),
            Arbitraries.of(List.<String>of(), List.of("hadamard")),
            Arbitraries.of(true, false),
            rules().list().ofMinSize(1).ofMaxSize(4),
            gates.optional(),
            Arbitraries.of(
                    new Recipe.Export("gguf", "auto", "auto"),
                    new Recipe.Export("gguf", "q4_k", "q8_0"),
                    new Recipe.Export("gptq", "auto", "auto"))
                .list()
                .ofMaxSize(2))
        .as(
            (name, seed, calibration, transforms, propagate, rules, gate, exports) ->
                new Recipe(
                    1,
                    name,
                    seed,
                    calibration,
                    transforms,
                    propagate,
                    rules,
                    gate,
                    transforms.isEmpty() ? exports : List.of()));
  }

  private Arbitrary<Rule> rules() {
    Arbitrary<Pattern> names =
        Arbitraries.strings()
            .withChars("ab.*?_-0:#& ,'\"\u00e9%")
            .ofMinLength(1)
            .ofMaxLength(12)
            .map(Glob::new);
    Arbitrary<List<Pattern>> matches =
        Arbitraries.oneOf(names, Arbitraries.of(Kind.values())).list().ofMinSize(1).ofMaxSize(3);
    Arbitrary<List<Record>> stages =
        Combinators.combine(
                Arbitraries.integers().between(1, 3),
                Arbitraries.oneOf(
                    Arbitraries.of(Group.ROW, Group.TENSOR), integersFrom(1).map(Group::of)),
                Arbitraries.floats(),
                Arbitraries.doubles(),
                Arbitraries.longs(),
                Arbitraries.of(true, false),
                Arbitraries.of(Sample.Order.class),
                texts())
            .as(
                (planes, group, share, damp, salt, tied, order, note) ->
                    List.<Record>of(
                        new Sample(planes, group, share, damp, salt, tied, order, note)));
    return Combinators.combine(
            matches, Arbitraries.oneOf(stages, Arbitraries.just(List.<Record>of())))
        .as(Rule::new);
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ofMaxLength(12).filter(RecipeRoundTripTest::encodable),
        Arbitraries.of(
            "",
            "~",
            "yes",
            "No",
            "0x1f",
            "1:30",
            "1_000",
            ".inf",
            "=",
            "<<",
            "2024-01-01",
            "010",
            "\uD83D\uDE00",
            "\u2028",
            "\uFEFF",
            "a\tb\r\n",
            "- a",
            "? b",
            "a: b",
            "NaN",
            "1.",
            "+.5e3"));
  }

  private static boolean encodable(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  private static Arbitrary<Integer> integersFrom(int least) {
    return Arbitraries.integers().greaterOrEqual(least);
  }
}
