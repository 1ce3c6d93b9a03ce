package io.tritmill.jobs.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.code.Levels;
import io.tritmill.kernels.code.PlaneLayout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class BundledRecipesTest {
  private static final Path SOURCES =
      Path.of(System.getProperty("tritmill.root"), "conf", "recipes");
  private static final Storage STORAGE = new Storage(new Configuration());

  static List<String> names() {
    return RecipeParser.bundled();
  }

  @Test
  void everyRecipeInConfIsBundled() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      assertEquals(
          files.map(file -> file.getFileName().toString().replace(".yaml", "")).sorted().toList(),
          names());
    }
    assertTrue(names().contains("ptqtp"));
  }

  @ParameterizedTest
  @MethodSource("names")
  void parsesAndPrintsBack(String name) throws IOException {
    Recipe recipe = RecipeParser.load(STORAGE, name);
    assertEquals(name, recipe.name());
    assertEquals(List.of(), recipe.warnings());
    assertEquals(
        recipe, RecipeParser.parse(name, recipe.toYaml().getBytes(StandardCharsets.UTF_8)));
    assertEquals(recipe, RecipeParser.load(STORAGE, SOURCES.resolve(name + ".yaml").toString()));
  }

  @ParameterizedTest
  @MethodSource("names")
  void saysAtItsHeadWhatItGives(String name) throws IOException {
    String text = Files.readString(SOURCES.resolve(name + ".yaml"));
    String comment = text.substring(0, text.indexOf("version:"));
    assertTrue(comment.lines().allMatch(line -> line.startsWith("# ")), comment);
    assertTrue(comment.contains("# Bits per weight: "), comment);
    assertTrue(comment.contains("# Cost: "), comment);
  }

  /** 1.6 bits a trit and 16 bits a scale, as the opening comments say. */
  @ParameterizedTest
  @CsvSource({
    "gguf-ptqtp, 3.325",
    "ptqtp, 3.45",
    "ptqtp-1, 1.725",
    "ptqtp-3, 5.175",
    "ptqtp-3-uniform, 4.925",
    "ptqtp-uniform, 3.325",
    "trit1, 1.725",
    "trit1-fast, 1.725",
    "trit2, 3.45",
    "trit2-fast, 3.325",
    "trit2-uniform, 3.325",
    "trit3, 4.925",
    "trit3-fast, 4.925"
  })
  void bitsAreThoseThatTheCommentSays(String name, String bits) throws IOException {
    Recipe recipe = RecipeParser.load(STORAGE, name);
    PlaneLayout layout = (PlaneLayout) recipe.rules().getLast().quantizer().levels();
    double expected =
        1.6 * layout.planes() + 16.0 * layout.scalesPerGroup() / layout.group().columns();
    assertEquals(Double.parseDouble(bits), expected, 1e-12);
    String comment = Files.readString(SOURCES.resolve(name + ".yaml"));
    assertTrue(comment.contains("# Bits per weight: " + bits + " "), comment);
  }

  @ParameterizedTest
  @CsvSource({"gguf-tq2_0, 2.0625", "gguf-q2_k, 2.625", "gguf-q3_k, 3.4375", "gguf-q4_k, 4.5"})
  void blocksTakeTheBitsThatTheCommentSays(String name, String bits) throws IOException {
    Recipe recipe = RecipeParser.load(STORAGE, name);
    List<Rule> rules = recipe.rules();
    Levels layers = rules.get(rules.size() - 2).quantizer().levels();
    assertEquals(Double.parseDouble(bits), layers.bytes(1, 256) * 8 / 256.0);
    String comment = Files.readString(SOURCES.resolve(name + ".yaml"));
    assertTrue(comment.contains("# Bits per weight: " + bits + " for layers"), comment);
    for (int r = 0; r < rules.size(); r += 2) {
      assertTrue(rules.get(r).particular());
      assertFalse(rules.get(r + 1).particular());
      assertEquals(rules.get(r).match(), rules.get(r + 1).match());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      value = {
        "stages: [{ptqtp: {plane: 3}}] => ptqtp has no parameter 'plane'; it has planes, group,"
            + " tied, iterations; did you mean 'planes'?",
        "stages: [ptqpt] => no stage is called 'ptqpt'; there are STAGES; did"
            + " you mean 'ptqtp'?",
        "stages: [gptq2000] => no stage is called 'gptq2000'; there are STAGES",
        "stages: [group] => no stage is called 'group'; there are STAGES",
        "stages: [{ptqtp: {planes: 4}}] => ptqtp: planes is 1, 2 or 3, found 4",
        "stages: [{ptqtp: {iterations: 0}}] => ptqtp: iterations is at least 1, found 0",
        "stages: [{twn: {threshold: 2}}] => twn: threshold is at least 0 and below 1, as a fraction"
            + " of mean|w|, found 2.0",
        "stages: [twn, ptqtp] => stages has twn, which rounds, before its end; only the last stage"
            + " rounds"
      },
      quoteCharacter = '`')
  void mistakesInMethodsAreNamed(String stages, String sentence) {
    BadInputException e = assertThrows(BadInputException.class, () -> parse(stages));
    String named = sentence.replace("STAGES", String.join(", ", Stages.known()));
    assertEquals("mixed.yaml:4: " + named, e.getMessage());
    assertEquals(ExitCode.UNSUPPORTED, e.exitCode());
  }

  @Test
  void aNameThatIsNeitherFileNorBundledListsTheBundled() {
    BadInputException e =
        assertThrows(BadInputException.class, () -> RecipeParser.load(STORAGE, "ptqtp-unifrom"));
    assertEquals(
        "ptqtp-unifrom: no such recipe: neither a file nor one of the bundled "
            + String.join(", ", names())
            + "; did you mean 'ptqtp-uniform'?",
        e.getMessage());
    assertEquals(ExitCode.BROKEN_INPUT, e.exitCode());
  }

  @Test
  void mistakesInAFileNameItAsItWasGiven(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("mine.yaml"), "version: 1\nnam: x\n");
    BadInputException e =
        assertThrows(BadInputException.class, () -> RecipeParser.load(STORAGE, file.toString()));
    assertTrue(e.getMessage().startsWith(file + ":2: recipe has no key 'nam'"), e.getMessage());
  }

  @Test
  void aDirectoryIsNoRecipe(@TempDir Path directory) {
    BadInputException e =
        assertThrows(
            BadInputException.class, () -> RecipeParser.load(STORAGE, directory.toString()));
    assertTrue(e.getMessage().contains("neither a file"), e.getMessage());
  }

  private static Recipe parse(String stages) {
    String yaml = "version: 1\nname: mixed\nrules: [{match: '*',\n  " + stages + "}]\n";
    return RecipeParser.parse("mixed.yaml", yaml.getBytes(StandardCharsets.UTF_8));
  }
}
