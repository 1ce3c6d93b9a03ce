package io.tritmill.jobs.recipe;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;

/**
 * Reads recipes.
 *
 * <p>A recipe comes from a stranger. What is no YAML, or YAML of a kind that recipes do not need
 * (tags, deep nesting, many aliases), is broken input; a key, stage, parameter or value that does
 * not exist is unsupported. Each mistake is one sentence that begins with {@code file:line}.
 */
public final class RecipeParser {
  private static final String BUNDLED = "recipes";
  private static final String YAML = ".yaml";
  private static final List<String> KEYS =
      List.of(
          "version",
          "name",
          "seed",
          "calibration",
          "transforms",
          "propagate_error",
          "rules",
          "gate",
          "export");
  private static final List<String> RULE_KEYS = List.of("match", "keep", "stages");

  private static final List<String> PATTERN_KEYS = List.of("kind");

  private RecipeParser() {}

  /**
   * Reads the recipe in a file, or the bundled one of this name.
   *
   * @param nameOrPath path of a file; else a name that {@link #bundled} lists
   * @throws BadInputException if it is neither, or no recipe
   */
  public static Recipe load(Storage storage, String nameOrPath) {
    Path path = storage.path(nameOrPath);
    if (storage.exists(path) && storage.status(path).isFile()) {
      return parse(nameOrPath, storage.read(path, YamlDocument.LIMIT));
    }
    if (bundled().contains(nameOrPath)) {
      return parse(nameOrPath + YAML, bundledYaml(nameOrPath));
    }
    throw BadInputException.broken(
        "%s: no such recipe: neither a file nor one of the bundled %s%s",
        nameOrPath, String.join(", ", bundled()), NearestName.question(nameOrPath, bundled()));
  }

  /** The names of the recipes that come with Tritmill, in alphabetical order. */
  public static List<String> bundled() {
    return ClassPathFolder.names(RecipeParser.class, BUNDLED).stream()
        .filter(name -> name.endsWith(YAML))
        .map(name -> name.substring(0, name.length() - YAML.length()))
        .sorted()
        .toList();
  }

  private static byte[] bundledYaml(String name) {
    String resource = "/" + BUNDLED + "/" + name + YAML;
    try (InputStream in = RecipeParser.class.getResourceAsStream(resource)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads a recipe.
   *
   * @param fileName as messages name it
   * @param yaml content of the file
   * @throws BadInputException if it is none
   */
  public static Recipe parse(String fileName, byte[] yaml) {
    YamlValue root = YamlDocument.read(fileName, yaml, "recipe");
    Map<String, YamlValue> all = root.map();
    // First of all: a later version may have keys that this one cannot know.
    YamlValue version = root.require(all, "version");
    if (version.as(int.class) != Recipe.VERSION) {
      throw version.mistake(
          "version is %d, but this Tritmill reads version %d",
          version.as(int.class), Recipe.VERSION);
    }
    Map<String, YamlValue> values = root.map("key", KEYS);
    String name = root.require(values, "name").as(String.class);
    List<Rule> rules =
        root.require(values, "rules").list().stream().map(RecipeParser::rule).toList();
    return located(
        root,
        () ->
            new Recipe(
                Recipe.VERSION,
                name,
                optional(values, "seed").map(v -> v.as(long.class)).orElse(0L),
                optional(values, "calibration")
                    .map(v -> Parameters.read(Recipe.Calibration.class, v)),
                optional(values, "transforms").map(RecipeParser::words).orElse(List.of()),
                optional(values, "propagate_error").map(v -> v.as(boolean.class)).orElse(false),
                rules,
                optional(values, "gate").map(v -> Parameters.read(Recipe.Gate.class, v)),
                optional(values, "export").map(RecipeParser::exports).orElse(List.of())));
  }

  private static Optional<YamlValue> optional(Map<String, YamlValue> values, String key) {
    return Optional.ofNullable(values.get(key));
  }

  private static List<Recipe.Export> exports(YamlValue list) {
    return list.list().stream()
        .map(one -> Parameters.read(Recipe.Export.class, one.called("export")))
        .toList();
  }

  private static List<String> words(YamlValue list) {
    return list.list().stream().map(word -> word.as(String.class)).toList();
  }

  private static Rule rule(YamlValue place) {
    YamlValue rule = place.called("rule");
    Map<String, YamlValue> values = rule.map("key", RULE_KEYS);
    List<Pattern> match = patterns(rule.require(values, "match"));
    if (values.containsKey("keep") == values.containsKey("stages")) {
      throw rule.mistake("rule needs either 'keep: true' or 'stages'");
    }
    if (values.containsKey("keep")) {
      YamlValue keep = values.get("keep");
      if (!keep.as(boolean.class)) {
        throw keep.mistake("keep is false; write keep: true, or stages in its place");
      }
      return located(rule, () -> new Rule(match, List.of()));
    }
    YamlValue stages = values.get("stages");
    List<Record> records = new ArrayList<>();
    stages.list().forEach(stage -> records.add(stage(stage.called("stage"))));
    if (records.isEmpty()) {
      throw stages.mistake("stages is empty, expected a stage; to keep tensors write keep: true");
    }
    return located(stages, () -> new Rule(match, records));
  }

  private static List<Pattern> patterns(YamlValue match) {
    boolean single = match.scalar() || match.mapping();
    List<YamlValue> patterns = single ? List.of(match) : match.list();
    if (patterns.isEmpty()) {
      throw match.mistake("match is empty, expected at least one pattern");
    }
    return patterns.stream().map(RecipeParser::pattern).toList();
  }

  private static Pattern pattern(YamlValue value) {
    return value.mapping()
        ? value.require(value.map("key", PATTERN_KEYS), "kind").as(Kind.class)
        : located(value, () -> new Glob(value.as(String.class)));
  }

  private static Record stage(YamlValue value) {
    if (value.scalar()) {
      String word = value.as(String.class);
      return Parameters.defaults(stageType(word, value), value.called(word));
    }
    Map<String, YamlValue> values = value.map();
    if (values.size() != 1) {
      throw value.mistake(
          "stage has %d keys, expected one: write {name: {parameter: value, ...}}", values.size());
    }
    Map.Entry<String, YamlValue> only = values.entrySet().iterator().next();
    return Parameters.read(stageType(only.getKey(), value), only.getValue());
  }

  private static Class<? extends Record> stageType(String name, YamlValue place) {
    Optional<Class<? extends Record>> found = located(place, () -> Stages.find(name));
    return found.orElseThrow(
        () ->
            name.indexOf('.') < 0
                ? place.mistake(
                    "no stage is called '%s'; there are %s%s",
                    YamlValue.shown(name),
                    String.join(", ", Stages.known()),
                    NearestName.question(name, Stages.known()))
                : place.mistake(
                    "stage '%s' is not on the class path; add its jar with --jars",
                    YamlValue.shown(name)));
  }

  /** Runs what may refuse its arguments, and says where they stand. */
  private static <T> T located(YamlValue place, Supplier<T> action) {
    try {
      return action.get();
    } catch (IllegalArgumentException e) {
      throw place.mistake("%s", e.getMessage());
    }
  }
}
