package io.tritmill.jobs.recipe;

import io.tritmill.jobs.failure.BadInputException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A value of a YAML file that knows its line and is asked for what should stand there; anything
 * else is a {@link BadInputException} that says {@code file:line}.
 *
 * @param fileName as messages name it
 * @param what the value is called in messages: its key, mostly
 * @param node the value
 */
record YamlValue(String fileName, String what, Node node) {
  private static final int LONGEST_SHOWN = 120;

  /** Text of a stranger for a message: control characters replaced, long ones cut. */
  static String shown(String text) {
    String cut = text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "..." : text;
    return cut.replaceAll("\\p{C}", "\uFFFD");
  }

  /** The same value under another name in messages. */
  YamlValue called(String name) {
    return new YamlValue(fileName, shown(name), node);
  }

  /** The line that the value begins in, from 1. */
  int line() {
    return node.getStartMark().getLine() + 1;
  }

  /** What is wrong here. */
  BadInputException mistake(String message, Object... values) {
    return BadInputException.unsupported("%s:%d: %s", fileName, line(), message.formatted(values));
  }

  private BadInputException unexpected(String expected) {
    return mistake("%s is %s, expected %s", what, described(), expected);
  }

  private String described() {
    return switch (node) {
      case ScalarNode scalar when absent() -> "empty";
      case ScalarNode scalar -> "'" + shown(scalar.getValue()) + "'";
      case SequenceNode _ -> "a list";
      default -> "a mapping";
    };
  }

  /** Whether a key stands here without a value. */
  boolean absent() {
    return node instanceof ScalarNode scalar
        && scalar.isPlain()
        && Scalars.plainNull(scalar.getValue());
  }

  /** Whether this is a single word or number. */
  boolean scalar() {
    return node instanceof ScalarNode;
  }

  /** A value of one of the types that {@link Scalars} knows. */
  <T> T as(Class<T> type) {
    String expected = Scalars.expected(type);
    if (!(node instanceof ScalarNode scalar) || absent()) {
      throw unexpected(expected);
    }
    if (type == String.class && scalar.isPlain() && Scalars.plainNumberOrFlag(scalar.getValue())) {
      throw unexpected(expected + "; put it in quotes");
    }
    if (type != String.class && !scalar.isPlain() && Scalars.plainNumberOrFlag(scalar.getValue())) {
      throw unexpected(expected + " without quotes");
    }
    try {
      return Scalars.parse(type, scalar.getValue());
    } catch (IllegalArgumentException e) {
      String link = Scalars.builtIn(type) ? ", expected " : ": ";
      throw mistake("%s is %s%s%s", what, described(), link, shown(e.getMessage()));
    }
  }

  /** The values of a list. */
  List<YamlValue> list() {
    if (!(node instanceof SequenceNode sequence)) {
      throw unexpected("a list");
    }
    List<YamlValue> values = new ArrayList<>();
    for (Node element : sequence.getValue()) {
      values.add(new YamlValue(fileName, what, element));
    }
    return values;
  }

  /** Keys and values of a mapping, in order. */
  Map<String, YamlValue> map() {
    if (!(node instanceof MappingNode mapping)) {
      throw unexpected("a mapping");
    }
    Map<String, YamlValue> values = new LinkedHashMap<>();
    Map<String, Integer> lines = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      YamlValue key = new YamlValue(fileName, "a key of " + what, tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode word)) {
        throw key.unexpected("a word");
      }
      String name = word.getValue();
      Integer before = lines.putIfAbsent(name, key.line());
      if (before != null) {
        throw key.mistake(
            "%s has key '%s' twice; the first is in line %d", what, shown(name), before);
      }
      values.put(name, new YamlValue(fileName, shown(name), tuple.getValueNode()));
    }
    return values;
  }

  /** Keys and values of a mapping that may have only known keys, called {@code noun}s. */
  Map<String, YamlValue> map(String noun, Collection<String> known) {
    Map<String, YamlValue> values = map();
    for (NodeTuple tuple : ((MappingNode) node).getValue()) {
      String key = ((ScalarNode) tuple.getKeyNode()).getValue();
      if (!known.contains(key)) {
        throw new YamlValue(fileName, what, tuple.getKeyNode())
            .mistake(
                "%s has no %s '%s'; it has %s%s",
                what,
                noun,
                shown(key),
                known.isEmpty() ? "none" : String.join(", ", known),
                NearestName.question(key, known));
      }
    }
    return values;
  }

  boolean mapping() {
    return node instanceof MappingNode;
  }

  /** The value of a key of this mapping that must be there. */
  YamlValue require(Map<String, YamlValue> values, String key) {
    return Optional.ofNullable(values.get(key))
        .orElseThrow(() -> mistake("%s has no '%s', which it needs", what, key));
  }
}
