package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tritmill.jobs.ChildProcess;
import io.tritmill.jobs.Invocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What would spoil the work is said in one sentence before the work begins. */
@Tag("slow")
class BeforeTheWorkTest {
  /** Nobody listens there. */
  private static final List<String> NO_MASTER = List.of("-Dspark.master=spark://127.0.0.1:1");

  @TempDir private Path directory;

  @Test
  void aFolderForTemporaryFilesThatCannotBeWritten() throws Exception {
    TinyModel tiny = TinyModel.in(directory);
    String sentence =
        sentence(
            ChildProcess.startWith(directory, List.of("-Djava.io.tmpdir=/proc"), tiny.compress()),
            6);
    assertTrue(sentence.startsWith("tritmill: /proc: cannot be written"), sentence);
    assertTrue(sentence.contains("TMPDIR"), sentence);
    assertFalse(Files.exists(tiny.output().resolve("plan.json")));
  }

  @Test
  void foldersOfSparkThatCannotBeWritten() throws Exception {
    TinyModel tiny = TinyModel.in(directory);
    String sentence =
        sentence(
            ChildProcess.startWith(
                directory, List.of("-Dspark.local.dir=/proc,/sys"), tiny.compress()),
            6);
    assertTrue(sentence.contains("/sys: cannot be written"), sentence);
    assertTrue(sentence.contains("SPARK_LOCAL_DIRS"), sentence);
  }

  @ParameterizedTest
  @CsvSource({
    "'ro', cannot be written",
    "'noexec', native libraries do not run from there",
    "'size=1m', has only"
  })
  void aFolderForTemporaryFilesThatIsMountedSo(String options, String expected) throws Exception {
    Path mounted = Files.createDirectory(directory.resolve("mounted"));
    List<String> inNamespace =
        List.of(
            "unshare",
            "-m",
            "sh",
            "-c",
            "mount -t tmpfs -o \"$1\" tmpfs \"$2\" && shift 2 && exec \"$@\"",
            "sh",
            options,
            mounted.toString());
    requireNamespaces(inNamespace);
    TinyModel tiny = TinyModel.in(directory);
    String sentence =
        sentence(
            ChildProcess.startUnder(
                directory, inNamespace, List.of("-Djava.io.tmpdir=" + mounted), tiny.compress()),
            6);
    assertTrue(sentence.contains(mounted + ": " + expected), sentence);
    assertFalse(Files.exists(tiny.output().resolve("plan.json")));
  }

  private static void requireNamespaces(List<String> inNamespace) throws Exception {
    List<String> line = new ArrayList<>(inNamespace);
    line.add("true");
    boolean permitted;
    try {
      permitted = new ProcessBuilder(line).start().waitFor() == 0;
    } catch (IOException e) {
      permitted = false;
    }
    assumeTrue(permitted, "this user may not mount a file system of its own (unshare -m)");
  }

  @Test
  void aMasterThatNobodyAnswersFor() throws Exception {
    TinyModel tiny = TinyModel.in(directory);
    String sentence = sentence(ChildProcess.startWith(directory, NO_MASTER, tiny.compress()), 4);
    assertTrue(
        sentence.startsWith("tritmill: spark://127.0.0.1:1: no master answers within 20 s"),
        sentence);
  }

  /** There is no master to wait for, so a sentence about the input was found before one. */
  @ParameterizedTest
  @CsvSource({
    "compress --model no-such --recipe ptqtp --output run, no-such",
    "evaluate no-such --dataset D, no-such",
    "verify no-such, no-such",
    "results --model no-such --recipe ptqtp --windows D --output run, no-such",
    "demo --recipe no-such, no-such"
  })
  void whatIsMissingIsSaidBeforeAClusterIsAsked(String command, String expected) throws Exception {
    List<String> options = new ArrayList<>(NO_MASTER);
    options.add("-Dtritmill.home=" + System.getProperty("tritmill.root"));
    Invocation ended =
        ChildProcess.startWith(directory, options, (Object[]) command.split(" ")).end();
    String last = ended.err().lines().toList().getLast();
    assertTrue(last.startsWith("tritmill: ") && last.contains(expected), ended.err());
    assertFalse(last.contains("master"), last);
  }

  @Test
  void aContainerSaysWhyItEnded() throws Exception {
    Path log =
        Files.writeString(directory.resolve("termination-log"), "something longer".repeat(99));
    Invocation ended =
        ChildProcess.startUnder(
                directory,
                List.of("env", "TRITMILL_TERMINATION_LOG=" + log),
                List.of(),
                "verify",
                "no-such")
            .end()
            .exits(4);
    assertEquals(ended.err().lines().toList().getLast(), Files.readString(log));
  }

  /** The only sentence of a run that ends with a code, and the only line of ours. */
  private static String sentence(ChildProcess child, int code) throws Exception {
    Invocation ended = child.end().exits(code);
    assertFalse(ended.err().contains("\tat "), ended.err());
    List<String> ours = ended.err().lines().filter(line -> line.startsWith("tritmill: ")).toList();
    assertEquals(1, ours.size(), ended.err());
    return ours.getFirst();
  }
}
