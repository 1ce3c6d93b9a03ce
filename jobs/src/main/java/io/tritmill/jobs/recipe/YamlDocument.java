package io.tritmill.jobs.recipe;

import io.tritmill.jobs.failure.BadInputException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionEndEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.reader.ReaderException;

/**
 * A YAML file from a stranger, as nodes that know their lines.
 *
 * <p>Nothing is constructed from it. Refused before any tree is built: more than 1 MB, what is not
 * UTF-8, tags, more than 50 aliases, collections nested deeper than 20.
 */
final class YamlDocument {
  /** Bytes that a file may have. */
  static final int LIMIT = 1 << 20;

  private static final int ALIASES = 50;
  private static final int DEPTH = 20;

  /** A pattern of names where YAML reads the name of a value: after {@code match:}, or no word. */
  private static final Pattern UNQUOTED =
      Pattern.compile(
          "(?:match:\\s*\\[?|(?:^|[:\\[,-])\\s*(?!\\*[\\w-]+(?:[\\s,\\]}]|$)))(\\*[^\\s,\\]}#]*)");

  private final String fileName;

  private YamlDocument(String fileName) {
    this.fileName = fileName;
  }

  /**
   * The one value in a file.
   *
   * @param fileName as messages name it
   * @param what the value is called in messages
   */
  static YamlValue read(String fileName, byte[] yaml, String what) {
    YamlDocument document = new YamlDocument(fileName);
    String text = document.decode(yaml);
    try {
      document.checkLimits(text);
      Node root = document.yaml().compose(new StringReader(text));
      if (root == null) {
        throw document.broken(1, "is empty, expected a " + what);
      }
      return new YamlValue(fileName, what, root);
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
      int line = mark == null ? 1 : mark.getLine() + 1;
      throw document.broken(line, document.unquoted(text, line).orElseGet(() -> problem(e)));
    } catch (ReaderException e) {
      int line = 1 + (int) text.codePoints().limit(e.getPosition()).filter(c -> c == '\n').count();
      throw document.broken(
          line, "is not YAML: character U+%04X may not stand there".formatted(e.getCodePoint()));
    } catch (NumberFormatException e) {
      // The parser's own slip where a text ends inside an escape such as \\x.
      int last = (int) Math.max(1, text.lines().count());
      throw document.broken(last, "is not YAML: ends inside an escape");
    } catch (YAMLException e) {
      throw document.broken(1, "is not YAML: " + YamlValue.shown(e.getMessage()));
    }
  }

  /** The slip that leaves a {@code *} to YAML, for which it begins the name of another value. */
  private Optional<String> unquoted(String text, int line) {
    Matcher value = UNQUOTED.matcher(text.lines().skip(line - 1L).findFirst().orElse(""));
    return value.find()
        ? Optional.of(
            "is not YAML: put quotes round %s, so: \"%s\""
                .formatted(YamlValue.shown(value.group(1)), YamlValue.shown(value.group(1))))
        : Optional.empty();
  }

  private static String problem(MarkedYAMLException e) {
    return "is not YAML: " + YamlValue.shown(String.valueOf(e.getProblem()));
  }

  private String decode(byte[] yaml) {
    if (yaml.length > LIMIT) {
      throw broken(1, "has %d bytes, expected at most %d".formatted(yaml.length, LIMIT));
    }
    ByteBuffer bytes = ByteBuffer.wrap(yaml);
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      int line = 1;
      for (int i = 0; i < bytes.position(); i++) {
        line += yaml[i] == '\n' ? 1 : 0;
      }
      throw broken(line, "is not UTF-8; save the file as UTF-8");
    }
  }

  private void checkLimits(String text) {
    int aliases = 0;
    int depth = 0;
    for (Event event : yaml().parse(new StringReader(text))) {
      int line = event.getStartMark().getLine() + 1;
      if (event instanceof ScalarEvent scalar && scalar.getTag() != null) {
        throw broken(line, "has a tag, " + YamlValue.shown(scalar.getTag()) + "; remove it");
      }
      if (event instanceof CollectionStartEvent start) {
        if (start.getTag() != null) {
          throw broken(line, "has a tag, " + YamlValue.shown(start.getTag()) + "; remove it");
        }
        if (++depth > DEPTH) {
          throw broken(line, "is nested deeper than %d levels".formatted(DEPTH));
        }
      }
      if (event instanceof CollectionEndEvent) {
        depth--;
      }
      if (event instanceof AliasEvent && ++aliases > ALIASES) {
        throw broken(line, "has more than %d aliases; write the values out".formatted(ALIASES));
      }
    }
  }

  private Yaml yaml() {
    LoaderOptions options = new LoaderOptions();
    options.setNestingDepthLimit(DEPTH);
    options.setMaxAliasesForCollections(ALIASES);
    options.setCodePointLimit(LIMIT);
    options.setAllowDuplicateKeys(false);
    options.setAllowRecursiveKeys(false);
    return new Yaml(new SafeConstructor(options));
  }

  private BadInputException broken(int line, String sentence) {
    return BadInputException.broken("%s:%d: %s", fileName, line, sentence);
  }
}
