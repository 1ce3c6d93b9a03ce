package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** With {@code --format json} the whole of stdout is one object, whichever command printed it. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class OneObjectTest {
  /** Those that tests of their own hold to it, since they take long. */
  private static final List<String> ELSEWHERE = List.of("bench", "demo", "generate");

  @TempDir private Path directory;

  @Test
  void everyCommandPrintsOneObject() {
    TinyModel tiny = TinyModel.in(directory);
    Object recipe = directory.resolve("recipe.yaml");
    Object data = directory.resolve("data.jsonl");
    Map<String, Object[]> lines = new TreeMap<>();
    lines.put("compress", tiny.compress());
    lines.put("evaluate", new Object[] {"evaluate", tiny.output(), "--dataset", data});
    lines.put("gate", new Object[] {"gate", tiny.output()});
    lines.put("inspect", new Object[] {"inspect", tiny.output()});
    lines.put("plan", new Object[] {"plan", "--model", tiny.model(), "--recipe", recipe});
    lines.put("verify", new Object[] {"verify", tiny.output()});

    TreeSet<String> known = new TreeSet<>(lines.keySet());
    known.addAll(ELSEWHERE);
    assertEquals(known, commandsWithAFormat());
    lines.forEach(
        (command, line) -> {
          Object[] asked = Arrays.copyOf(line, line.length + 2);
          asked[line.length] = "--format";
          asked[line.length + 1] = "json";
          assertTrue(Invocation.of(asked).exits(0).json().isObject(), command);
        });
  }

  private static TreeSet<String> commandsWithAFormat() {
    TreeSet<String> names = new TreeSet<>();
    new CommandLine(Tritmill.class)
        .getSubcommands()
        .forEach(
            (name, command) -> {
              OptionSpec format = command.getCommandSpec().findOption("--format");
              if (format != null && format.type() == OutputFormat.class) {
                names.add(name);
              }
            });
    return names;
  }
}
