package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher in a copy of the source tree: when it builds, when it does not, what is seen of it.
 */
@Tag("cluster")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SourceTreeTest {
  private static final Map<String, String> OWNER =
      Map.of(
          "HOME", System.getProperty("user.home"),
          "SOURCE", System.getProperty("tritmill.root"),
          "MVNW_REPOURL", System.getenv().getOrDefault("MVNW_REPOURL", ""),
          "MAVEN_OPTS", System.getenv().getOrDefault("MAVEN_OPTS", ""));

  @TempDir(factory = UnpackedTarball.ForAll.class)
  private Path directory;

  private UnpackedTarball shell;

  /** What is needed to build, and the build of the tree that the tests belong to. */
  @BeforeEach
  void copySources() throws IOException, InterruptedException {
    shell = new UnpackedTarball(directory);
    shell
        .shell(
            OWNER,
            """
            mkdir tree
            cd "$SOURCE"
            cp -r .mvn LICENSE README.md conf deploy docs examples mvnw pom.xml stores tritmill \
              "$OLDPWD/tree/"
            for module in kernels udf jobs; do
              mkdir -p "$OLDPWD/tree/$module/src"
              cp -r $module/src/main "$OLDPWD/tree/$module/src/"
              cp $module/pom.xml "$OLDPWD/tree/$module/"
            done
            """)
        .exits(0);
  }

  private void linkTheBuild() throws IOException, InterruptedException {
    shell
        .shell(
            OWNER,
            """
            mkdir -p tree/jobs/target/tritmill
            cp -r "$SOURCE/jobs/target/tritmill/lib" tree/jobs/target/tritmill/
            touch tree/jobs/target/tritmill/lib/tritmill.jar
            chmod -R a+rX,a-w tree
            """)
        .exits(0);
  }

  @Test
  void aBuildShowsThatItGoesOnAndEndsInASentence() throws IOException, InterruptedException {
    Invocation first = shell.shell(OWNER, "cd tree; ./tritmill --version").exits(0);

    assertTrue(first.out().startsWith("tritmill "), first.out());
    assertTrue(first.err().contains("about a minute"), first.err());
    assertTrue(first.err().contains("tritmill: building Tritmill kernels"), first.err());
    assertTrue(first.err().lines().allMatch(line -> line.startsWith("tritmill: ")), first.err());
    assertFalse(first.err().contains("\u001b"), first.err());
    assertEquals("", shell.shell(OWNER, "tree/tritmill --version").exits(0).err());

    Invocation broken =
        shell
            .shell(
                OWNER,
                """
                cd tree
                echo nonsense >>kernels/src/main/java/Nonsense.java
                ./tritmill --version
                """)
            .exits(1);
    assertTrue(broken.err().contains("Nonsense.java"), broken.err());
    assertEquals(
        "tritmill: the build failed; the reason stands above",
        broken.err().lines().toList().getLast());
  }

  @Test
  void mavenLeavesNoControlCharactersInFiles() throws IOException, InterruptedException {
    Invocation quiet = shell.shell(OWNER, "cd tree; ./mvnw -q -B -N validate").exits(0);

    assertFalse((quiet.out() + quiet.err()).contains("\u001b"), quiet.err());
  }

  @Test
  void whatCannotBeBuiltAnewIsRunAndSaidToBeOlder() throws IOException, InterruptedException {
    linkTheBuild();
    assertEquals("", shell.shell("stranger tree/tritmill --version").exits(0).err());

    Invocation older =
        shell
            .shell(
                """
                touch -d '+1 hour' tree/conf/recipes/twn.yaml
                stranger tree/tritmill --version
                """)
            .exits(0);

    assertTrue(
        older.err().matches("tritmill: .*/tree/conf/recipes/twn.yaml is newer than the build.*\n"),
        older.err());
  }

  @Test
  void whoMayNotBuildIsToldSo() throws IOException, InterruptedException {
    Invocation refused =
        shell.shell("chmod -R a-w tree; stranger tree/tritmill --version").exits(6);

    assertEquals(1, refused.err().lines().count(), refused.err());
    assertTrue(refused.err().contains("this user may not build it"), refused.err());
  }
}
