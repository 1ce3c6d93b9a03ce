package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.ChildProcess;
import io.tritmill.jobs.Invocation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The contract of every command in every surrounding: 0, or a last line on stderr that says why.
 *
 * <p>Commands and their options are those of the command line itself, so that none is forgotten.
 */
@Tag("slow")
class EveryEndTest {
  /** How the help calls what is a path. */
  private static final Set<String> PATHS =
      Set.of("DIR", "M", "M|RUN", "RUN", "RUN|DIR", "FILE|DIR", "FILE", "D", "R");

  /** Read where a recipe learns, and where tasks are asked. */
  private static final Set<String> MAY_BE_UNREAD = Set.of("--calibration", "--samples");

  @TempDir private static Path directory;
  private static TinyModel tiny;
  private static String home;

  @BeforeAll
  static void compress() {
    home = System.getProperty("tritmill.home");
    System.setProperty("tritmill.home", Path.of("..").toAbsolutePath().normalize().toString());
    tiny = TinyModel.in(directory);
    Invocation.of(tiny.compress()).exits(0);
  }

  @AfterAll
  static void leaveHome() {
    if (home == null) {
      System.clearProperty("tritmill.home");
    } else {
      System.setProperty("tritmill.home", home);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', 2",
    "http://host/x, 2",
    "name:tag, 2",
    "hdfs:///x, 2",
    "gs://bucket/x, 3",
    "viewfs://nowhere/x, 3",
    "hdfs://nohost.invalid:8020/x, 4"
  })
  void aPathThatCannotBeUsedEndsInASentence(String path, int code) {
    each((command, argument) -> ends(line(command, argument, path), code, argument));
  }

  @ParameterizedTest
  @CsvSource({"nöt %20 # ? * [x] there", "'not\nthere'"})
  void aPathWhereNothingIsEndsInASentence(String name) {
    String path = directory.resolve(name).toString();
    each(
        (command, argument) -> {
          if (!isOutput(argument)) {
            ends(line(command, argument, path), 4, argument);
          }
        });
  }

  @Test
  void anUnknownOptionIsNamedBeforeWhatIsMissing() {
    for (CommandSpec command : commands()) {
      Invocation ended = Invocation.of(command.name(), "--modle", "x").exits(2);
      String last = last(ended);
      assertTrue(last.contains("'--modle'"), last);
      assertTrue(last.endsWith("ee tritmill " + command.name() + " --help"), last);
    }
    assertTrue(last(Invocation.of("plan", "--modle", "x")).contains("Did you mean: --model?"));
  }

  @Test
  void numbersAndNamesAreTheSameInEveryCountry() throws Exception {
    Object[] plan = {"plan", "--model", tiny.model(), "--recipe", "twn"};
    String expected = Invocation.of(plan).exits(0).out();
    Invocation arabic =
        ChildProcess.startWith(directory, List.of("-Duser.language=ar", "-Duser.country=EG"), plan)
            .end()
            .exits(0);
    assertEquals(words(expected), words(arabic.out()));
  }

  /** Without numbers, some of which are rates measured anew; but each digit is of ASCII. */
  private static String words(String text) {
    return text.replaceAll("[0-9.]+", "0").replaceAll("\\s+", " ");
  }

  @Test
  void aFullDiskBehindStdoutIsAnError() throws Exception {
    List<String> line = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" > /dev/full", "sh"));
    line.addAll(ChildProcess.line(List.of(), "inspect", tiny.model()));
    Invocation ended = ChildProcess.start(directory, new ProcessBuilder(line)).end().exits(6);
    assertTrue(last(ended).startsWith("tritmill: stdout: "), ended.err());
  }

  @Test
  void memoryThatIsTooSmallForSparkIsSaidInASentenceAlone() throws Exception {
    Object[] compress = tiny.compressInto(directory.resolve("small"));
    Invocation ended =
        ChildProcess.startWith(directory, List.of("-Xmx300m"), compress).end().exits(2);
    assertTrue(last(ended).contains("expected at least 480m"), ended.err());
    assertFalse(ended.err().contains("\tat "), ended.err());
  }

  @Test
  void aUserWithoutANameMayRunCommands() throws Exception {
    ChildProcess.startWith(directory, List.of("-Duser.name=?"), "inspect", tiny.model())
        .end()
        .exits(0);
  }

  private interface Try {
    void with(CommandSpec command, ArgSpec argument) throws Exception;
  }

  /** Every argument of every command that is a path. */
  private static void each(Try attempt) {
    List<Executable> all = new ArrayList<>();
    for (CommandSpec command : commands()) {
      paths(command).forEach(argument -> all.add(() -> attempt.with(command, argument)));
    }
    assertTrue(all.size() > 15, "found " + all.size() + " paths in the commands");
    assertAll(all);
  }

  private static List<CommandSpec> commands() {
    return new CommandLine(Tritmill.class)
        .getSubcommands().values().stream().map(CommandLine::getCommandSpec).toList();
  }

  private static Stream<ArgSpec> paths(CommandSpec command) {
    return arguments(command)
        .filter(argument -> PATHS.contains(argument.paramLabel()))
        .filter(argument -> !MAY_BE_UNREAD.contains(name(argument)));
  }

  private static Stream<ArgSpec> arguments(CommandSpec command) {
    return Stream.concat(command.options().stream(), command.positionalParameters().stream());
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : "";
  }

  private static boolean isOutput(ArgSpec argument) {
    return name(argument).equals("--output");
  }

  /** A command that is sound but for one argument. */
  private static Object[] line(CommandSpec command, ArgSpec wrong, String value) {
    List<Object> line = new ArrayList<>(List.of(command.name()));
    if (command.name().equals("generate")) {
      line.addAll(List.of("--prompt", "x"));
    }
    if (command.name().equals("evaluate") && !name(wrong).equals("--dataset")) {
      line.addAll(List.of("--dataset", directory.resolve("data.jsonl")));
    }
    boolean reads = command.name().equals("results") && !name(wrong).equals("--windows");
    arguments(command)
        .filter(
            argument ->
                argument == wrong
                    || argument.required()
                    || reads && name(argument).equals("--documents"))
        .forEach(
            argument -> {
              if (argument instanceof OptionSpec) {
                line.add(name(argument));
              }
              line.add(argument == wrong ? value : sound(argument));
            });
    return line.toArray();
  }

  private static Object sound(ArgSpec argument) {
    Map<String, Object> byName =
        Map.of(
            "--output", directory.resolve("new"),
            "--format", "f32",
            "--shape", "tiny",
            "--recipe", directory.resolve("recipe.yaml"),
            "--documents", directory.resolve("data.jsonl"),
            "--dataset", directory.resolve("data.jsonl"),
            "--model", tiny.model());
    return byName.getOrDefault(name(argument), tiny.output());
  }

  private static void ends(Object[] line, int code, ArgSpec argument) throws Exception {
    Invocation ended = Invocation.of(line);
    String shown = List.of(line) + "\n" + ended.err();
    // A recipe that is no path may be the name of a bundled one.
    boolean expected =
        ended.exitCode() == code
            || name(argument).equals("--recipe") && Set.of(2, 3, 4).contains(ended.exitCode());
    assertTrue(expected, ended.exitCode() + " from " + shown);
    last(ended);
    assertEquals("", ended.out(), shown);
    assertEquals(
        1, ended.err().lines().filter(said -> said.startsWith("tritmill: ")).count(), shown);
    assertFalse(Files.exists(directory.resolve("new")), shown);
  }

  /** The last line, which must be a sentence of ours. */
  private static String last(Invocation ended) {
    String last = ended.err().lines().reduce("", (one, next) -> next);
    assertTrue(last.startsWith("tritmill: "), ended.err());
    assertFalse(ended.err().contains("\tat "), ended.err());
    return last;
  }
}
