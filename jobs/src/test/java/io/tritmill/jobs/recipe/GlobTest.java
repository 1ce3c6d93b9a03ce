package io.tritmill.jobs.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GlobTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "* model.layers.0.mlp.up_proj.weight true",
        "*.mlp.* model.layers.0.mlp.up_proj.weight true",
        "mlp model.layers.0.mlp.up_proj.weight false",
        "*.down_proj.weight model.layers.0.mlp.up_proj.weight false",
        "model.layers.?.mlp.* model.layers.7.mlp.up_proj.weight true",
        "model.layers.?.mlp.* model.layers.17.mlp.up_proj.weight false",
        "*.{q,k,v}_proj.weight model.layers.0.self_attn.k_proj.weight true",
        "*.{q,k,v}_proj.weight model.layers.0.self_attn.o_proj.weight false",
        "{a*,?b}c axxc true",
        "{a*,?b}c xbc true",
        "{a*,?b}c xc false",
        "a{,b} a true",
        "a{,b} ab true",
        "a{,b} abb false",
        "*.experts.down_proj model.layers.0.mlp.experts.down_proj[12] true",
        "*.experts.down_proj?12? model.layers.0.mlp.experts.down_proj[12] true",
        "*.experts.down_proj?12? model.layers.0.mlp.experts.down_proj[13] false",
        "lm_head.weight lm_head.weight true",
        "lm_head.weight lm_headxweight false",
        "LM_HEAD.weight lm_head.weight false"
      })
  void matchesWholeNames(String pattern, String name, boolean expected) {
    assertEquals(expected, new Glob(pattern).matches(name));
  }

  @Test
  void matchesTheEmptyNameOnlyWhereNothingIsAsked() {
    assertTrue(new Glob("**").matches(""));
    assertFalse(new Glob("?").matches(""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a{b", "a}b", "a{b{c}}", "layers.[0-3]", "a\\*", "!a", "a\tb", ""})
  void refusesWhatOtherGlobsMean(String pattern) {
    assertThrows(IllegalArgumentException.class, () -> new Glob(pattern));
  }

  @Test
  void refusesAPatternThatIsTooLong() {
    assertThrows(IllegalArgumentException.class, () -> new Glob("*".repeat(501)));
  }

  @Test
  void manyStarsCostNoMoreThanTheProductOfTheLengths() {
    // A backtracking matcher would need more steps here than there are atoms.
    Glob pattern = new Glob("*a".repeat(240) + "b");
    assertFalse(pattern.matches("a".repeat(5000)));
    assertTrue(new Glob("{*a,*b}".repeat(60)).matches("ab".repeat(2500)));
  }

  @Property(tries = 2000)
  void agreesWithANaiveMatcher(@ForAll("patterns") String pattern, @ForAll("names") String name) {
    boolean naive = expand(pattern).stream().anyMatch(simple -> naive(simple, name));
    assertEquals(naive, new Glob(pattern).matches(name), () -> pattern + " on " + name);
  }

  @Provide
  Arbitrary<String> patterns() {
    Arbitrary<String> plain = Arbitraries.of("a", "b", ".", "*", "?");
    Arbitrary<String> run = plain.list().ofMaxSize(3).map(parts -> String.join("", parts));
    Arbitrary<String> alternatives =
        run.list().ofMinSize(1).ofMaxSize(3).map(runs -> "{" + String.join(",", runs) + "}");
    return Arbitraries.oneOf(plain, plain, alternatives)
        .list()
        .ofMinSize(1)
        .ofMaxSize(6)
        .map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings().withChars('a', 'b', '.').ofMaxLength(8);
  }

  private static List<String> expand(String pattern) {
    int open = pattern.indexOf('{');
    if (open < 0) {
      return List.of(pattern);
    }
    int close = pattern.indexOf('}', open);
    List<String> all = new ArrayList<>();
    for (String alternative : pattern.substring(open + 1, close).split(",", -1)) {
      all.addAll(expand(pattern.substring(0, open) + alternative + pattern.substring(close + 1)));
    }
    return all;
  }

  private static boolean naive(String pattern, String name) {
    if (pattern.isEmpty()) {
      return name.isEmpty();
    }
    if (pattern.charAt(0) == '*') {
      return naive(pattern.substring(1), name)
          || !name.isEmpty() && naive(pattern, name.substring(1));
    }
    return !name.isEmpty()
        && (pattern.charAt(0) == '?' || pattern.charAt(0) == name.charAt(0))
        && naive(pattern.substring(1), name.substring(1));
  }
}
