package io.tritmill.jobs.gguf;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a checkpoint says of itself to people, as the general keys of a GGUF file. */
public final class StoredCard {
  private static final String FILE = "README.md";
  private static final int MOST_CHARACTERS = 1 << 16;
  private static final Pattern FRONT =
      Pattern.compile("\\A---[ \\t]*\\R(.*?)^---[ \\t]*$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern SIZE =
      Pattern.compile("(?:[0-9]+x)?[0-9]+(?:[._][0-9]+)?[KMBT]", Pattern.CASE_INSENSITIVE);

  /** Norwegian is no truth value. */
  private static final YAMLMapper YAML =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
                  .build())
          .build();

  private final Map<String, Object> keys = new LinkedHashMap<>();

  private StoredCard() {}

  /**
   * The keys: name, base, size and variant by the convention of names such as {@code
   * Llama-3.2-1B-Instruct}, license, languages and tags by the front matter of README.md.
   *
   * @param name of the model, unless README.md has one
   * @param files those beside the weights by name
   * @param weights how many there are, which a name without a size is told by
   */
  public static Map<String, Object> keys(String name, Map<String, byte[]> files, long weights) {
    StoredCard card = new StoredCard();
    JsonNode front = front(files);
    String told = first(front, "name", "model_name");
    String called = told.isEmpty() ? name : told;
    card.put("type", "model");
    card.put("name", called.replace('-', ' ').strip());
    card.parts(called, weights);
    card.put("license", String.join(",", list(front.path("license"))));
    card.put("license.name", front.path("license_name").asText(""));
    card.put("license.link", front.path("license_link").asText(""));
    List<String> tags = list(front.path("tags"));
    list(front.path("pipeline_tag")).stream().filter(one -> !tags.contains(one)).forEach(tags::add);
    card.array("tags", tags);
    card.array("languages", list(front.path("language")));
    return card.keys;
  }

  /** A card is for people: one that is not sound says nothing, and keeps nobody from a model. */
  private static JsonNode front(Map<String, byte[]> files) {
    byte[] content = files.getOrDefault(FILE, new byte[0]);
    int length = Math.min(content.length, MOST_CHARACTERS);
    Matcher front = FRONT.matcher(new String(content, 0, length, StandardCharsets.UTF_8));
    if (!front.find()) {
      return MissingNode.getInstance();
    }
    try {
      return YAML.readTree(front.group(1).replace("\t", "  "));
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  private static String first(JsonNode front, String... names) {
    return Arrays.stream(names)
        .map(name -> front.path(name).asText(""))
        .filter(text -> !text.isBlank())
        .findFirst()
        .orElse("");
  }

  private static List<String> list(JsonNode given) {
    List<String> texts = new ArrayList<>();
    for (JsonNode one : given.isArray() ? given : List.of(given)) {
      if (!one.asText("").isBlank()) {
        texts.add(one.asText());
      }
    }
    return texts;
  }

  /** What stands before a size is the base, what stands behind it the variant. */
  private void parts(String name, long weights) {
    List<String> parts =
        Arrays.stream(name.split("[- /]+")).filter(part -> !part.isEmpty()).toList();
    int size = 0;
    while (size < parts.size() && (size == 0 || !SIZE.matcher(parts.get(size)).matches())) {
      size++;
    }
    if (size < parts.size()) {
      put("basename", String.join("-", parts.subList(0, size)));
      put(
          "size_label",
          parts.get(size).replace('_', '.').toUpperCase(Locale.ROOT).replace('X', 'x'));
      put("finetune", String.join("-", parts.subList(size + 1, parts.size())));
    } else {
      put("size_label", label(weights));
    }
  }

  /** Two digits at least, and the thousands that they count: 1.2B, 135M. */
  private static String label(long weights) {
    String units = "KMBT";
    int unit = 0;
    double count = weights / 1e3;
    while (count > 1e3 && unit + 1 < units.length()) {
      count /= 1e3;
      unit++;
    }
    int decimals = Math.rint(count) >= 10 ? 0 : Math.rint(count) >= 1 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + decimals + "f%c", count, units.charAt(unit));
  }

  private void put(String name, String value) {
    if (!value.isBlank()) {
      keys.put("general." + name, value);
    }
  }

  private void array(String name, List<String> values) {
    if (!values.isEmpty()) {
      keys.put("general." + name, new GgufArray(values.size(), List.copyOf(values)));
    }
  }
}
