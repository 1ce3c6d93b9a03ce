package io.tritmill.jobs.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.ChildProcess;
import io.tritmill.jobs.Invocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Scripts of deploy/ end with one sentence where something is missing, and keep what is not theirs.
 */
@Tag("slow")
class ScriptEndsTest {
  private static final String SUBMIT = "deploy/submit.sh";
  private static final String KUBERNETES = "deploy/kubernetes/submit.sh";

  /** What scripts need of the system. */
  private static final List<String> TOOLS =
      List.of("cat", "dirname", "grep", "ls", "mkdir", "readlink", "sed", "tr");

  @TempDir private Path directory;

  /** A PATH without Java and Spark. */
  private String bare() throws IOException {
    Path tools = Files.createDirectory(directory.resolve("tools"));
    for (String tool : TOOLS) {
      Path usual = Path.of("/usr/bin", tool);
      Path found = Files.exists(usual) ? usual : Path.of("/bin", tool);
      Path own = tools.resolve(tool);
      Files.writeString(own, "#!/bin/sh\nexec " + found + " \"$@\"\n");
      assertTrue(own.toFile().setExecutable(true));
    }
    return tools.toString();
  }

  private void ends(
      int code, String sentence, String script, Map<String, String> environment, String... words)
      throws IOException, InterruptedException {
    ProcessBuilder builder = SparkHome.script(script, directory, List.of(words));
    builder.environment().remove("TRITMILL_IMAGE");
    builder.environment().remove("TRITMILL_MASTER");
    builder.environment().putAll(environment);
    if (builder.environment().get("SPARK_HOME").isEmpty()) {
      builder.environment().remove("SPARK_HOME");
    }
    Invocation ended = ChildProcess.start(directory, builder).end().exits(code);
    assertEquals(1, ended.err().lines().count(), ended.err());
    assertTrue(ended.err().startsWith("tritmill: " + sentence), ended.err());
  }

  @Test
  void whatIsMissingIsNamed() throws IOException, InterruptedException {
    String path = bare();
    Map<String, String> noJava =
        Map.of("JAVA_HOME", "/nonexistent", "PATH", path, "TRITMILL_JDK_FOLDERS", "");
    String[] command = {"--master", "local", "--", "plan"};
    ends(127, "needs Java 25", SUBMIT, noJava, command);
    ends(127, "needs Java 25", "deploy/standalone.sh", noJava, "start");
    ends(
        127,
        "SPARK_HOME is /no/where, which has no",
        SUBMIT,
        Map.of("SPARK_HOME", "/no/where"),
        command);
    Map<String, String> bare = Map.of("SPARK_HOME", "", "PATH", path);
    ends(127, "spark-submit is not on the PATH and", SUBMIT, bare, command);
    ends(2, "expected [options of spark-submit] -- COMMAND", SUBMIT, Map.of(), "plan");
    ends(2, "expected [options of spark-submit] -- COMMAND", SUBMIT, Map.of(), "--");
    ends(2, "TRITMILL_IMAGE is not set", KUBERNETES, Map.of(), command);
    Map<String, String> image = Map.of("TRITMILL_IMAGE", "i", "TRITMILL_MASTER", "https://host");
    ends(2, "TRITMILL_MASTER is 'https://host', expected", KUBERNETES, image, command);
    ends(2, "--runs needs a value", "deploy/soak.sh", Map.of(), "--runs");
    ends(2, "--rounds needs a value", "deploy/scaling.sh", Map.of(), "--rounds");
  }

  @Test
  void anotherSparkIsRefused() throws IOException, InterruptedException {
    Path submit = Files.createDirectories(directory.resolve("bin")).resolve("spark-submit");
    Files.writeString(submit, "#!/bin/sh\nexit 0\n");
    assertTrue(submit.toFile().setExecutable(true));
    Files.writeString(directory.resolve("RELEASE"), "Spark 3.5.7 built for Hadoop 3.3.4\n");

    ends(3, "SPARK_HOME is " + directory + ", a Spark 3.5.7", SUBMIT, Map.of(), "--", "plan");
  }

  @Test
  void aFolderThatTheyHaveNotMadeIsLeftAsItIs() throws IOException, InterruptedException {
    Path thesis = Files.createDirectories(directory.resolve("home")).resolve("thesis.txt");
    Files.writeString(thesis, "mine");
    String folder = directory.toString();

    ends(
        6,
        folder + "/home was not made by this script",
        "deploy/standalone.sh",
        Map.of(),
        "start",
        "--dir",
        folder);
    for (String script : List.of("deploy/soak.sh", "deploy/scaling.sh")) {
      ends(
          6,
          folder + " holds files, and was not made",
          script,
          Map.of(),
          "--dir",
          folder,
          "--",
          "compress");
    }

    assertEquals("mine", Files.readString(thesis));
  }
}
