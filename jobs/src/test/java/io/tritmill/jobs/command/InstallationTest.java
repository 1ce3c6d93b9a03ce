package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@code package} leaves runs for others: unpacked elsewhere, by a user who may write nothing
 * of it, without Maven, whatever the surroundings.
 */
@Tag("cluster")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class InstallationTest {
  private static final String INSPECT =
      """
      stranger "$tritmill" inspect "mod${umlaut}ls/m 1"
      """;

  private static final String VERSION =
      """
      "$tritmill" --version
      """;

  @TempDir(factory = UnpackedTarball.ForAll.class)
  private static Path directory;

  private static UnpackedTarball installation;

  @BeforeAll
  static void unpack() throws IOException, InterruptedException {
    installation = UnpackedTarball.in(directory);
  }

  @Test
  void anotherUserCompressesAndVerifies() throws IOException, InterruptedException {
    Invocation run =
        installation.shell(
            """
            stranger "$tritmill" compress --model "mod${umlaut}ls/m 1" --recipe twn --output open/run
            stranger "$tritmill" verify open/run
            stranger "$tritmill" inspect open/run/model
            """);

    run.exits(0);
    assertTrue(run.out().contains(".trits"), run.out());
    assertFalse(run.err().contains("WARNING"), run.err());
    assertFalse(run.err().contains("plain loops"), run.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "C", "POSIX", "de_DE.ISO-8859-1", "tr_TR.UTF-8", "no such locale"})
  void namesWithUmlautsAreReadInAnyLocale(String locale) throws IOException, InterruptedException {
    Invocation inspect = installation.shell(Map.of("LC_ALL", locale), INSPECT).exits(0);

    assertTrue(inspect.out().contains("llama"), inspect.out());
    assertEquals("", inspect.err());
  }

  @Test
  void nothingIsSaidWhereThereIsNothingToSay() throws IOException, InterruptedException {
    Invocation said =
        installation
            .shell(
                """
                "$tritmill" --version
                "$tritmill" --help
                "$tritmill" plan --help
                """)
            .exits(0);

    assertEquals("", said.err());
  }

  @Test
  void aRuntimeWithoutACompilerIsEnough() throws IOException, InterruptedException {
    installation
        .shell(
            """
            mkdir -p jre/bin
            cp "$JAVA_HOME/release" jre/
            ln -s "$JAVA_HOME/bin/java" jre/bin/java
            JAVA_HOME=$PWD/jre TRITMILL_JDK_FOLDERS=/nowhere
            export JAVA_HOME TRITMILL_JDK_FOLDERS
            """
                + VERSION)
        .exits(0);
  }

  @Test
  void anOlderJavaIsPassedOver() throws IOException, InterruptedException {
    installation
        .shell(
            """
            mkdir -p old/bin
            echo 'JAVA_VERSION="17.0.15"' >old/release
            printf '#!/bin/sh\\necho old; exit 99\\n' >old/bin/java
            chmod +x old/bin/java
            TRITMILL_JDK_FOLDERS=$JAVA_HOME JAVA_HOME=$PWD/old
            export JAVA_HOME TRITMILL_JDK_FOLDERS
            """
                + VERSION)
        .exits(0);
  }

  @Test
  void withoutJavaOneSentenceSaysWhatToInstall() throws IOException, InterruptedException {
    Invocation refused =
        installation
            .shell(
                """
                mkdir tools
                for tool in sh dirname readlink sed grep tr find head locale cat; do
                  ! path=$(command -v $tool) || ln -s "$path" tools/
                done
                unset JAVA_HOME
                PATH=$PWD/tools TRITMILL_JDK_FOLDERS=/nowhere "$tritmill" --version
                """)
            .exits(127);

    assertEquals(1, refused.err().lines().count(), refused.err());
    assertTrue(refused.err().startsWith("tritmill: needs Java 25"), refused.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"100m", "479m", "512", "0512m", "4", "4 g", "4gb", "-1g", "99999t", "m"})
  void memoryThatCannotBeIsRefused(String memory) throws IOException, InterruptedException {
    Invocation refused = installation.shell(Map.of("TRITMILL_MEMORY", memory), VERSION).exits(2);

    assertTrue(
        refused.err().startsWith("tritmill: TRITMILL_MEMORY is " + memory + ", expected"),
        refused.err());
    assertEquals(1, refused.err().lines().count(), refused.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"480m", "491520k", "1G", "536870912"})
  void memoryIsGivenAsTheJvmTakesIt(String memory) throws IOException, InterruptedException {
    installation.shell(Map.of("TRITMILL_MEMORY", memory), VERSION).exits(0);
  }

  @Test
  void theLeastMemoryIsEnoughForSpark() throws IOException, InterruptedException {
    Map<String, String> least =
        Map.of("TRITMILL_MEMORY", "480m", "TRITMILL_JAVA_OPTS", "-XX:+UseSerialGC");
    installation
        .shell(
            least,
            """
            "$tritmill" compress --model "mod${umlaut}ls/m 1" --recipe twn --output open/least
            """)
        .exits(0);
  }

  @Test
  void temporaryFilesGoWhereTheEnvironmentSays() throws IOException, InterruptedException {
    Map<String, String> shown =
        Map.of(
            "TMPDIR", directory + "/open",
            "TRITMILL_CLASSPATH", "/more/a.jar:/more/b.jar",
            "TRITMILL_JAVA_OPTS", "-XshowSettings:properties");

    String settings = installation.shell(shown, VERSION).exits(0).err();

    assertTrue(settings.contains("java.io.tmpdir = " + directory + "/open\n"), settings);
    assertTrue(settings.matches("(?s).*\\s/more/a.jar\n\\s+/more/b.jar\n.*"), settings);
  }

  @Test
  void objectStoresNeedNothingMore() throws IOException, InterruptedException {
    String nobodyListens =
        "-Dspark.hadoop.fs.s3a.endpoint=http://127.0.0.1:1"
            + " -Dspark.hadoop.fs.s3a.endpoint.region=us-east-1"
            + " -Dspark.hadoop.fs.s3a.path.style.access=true"
            + " -Dspark.hadoop.fs.s3a.attempts.maximum=1"
            + " -Dspark.hadoop.fs.s3a.retry.limit=0"
            + " -Dspark.hadoop.fs.s3a.aws.credentials.provider="
            + "org.apache.hadoop.fs.s3a.AnonymousAWSCredentialsProvider";
    Invocation refused =
        installation.shell(
            Map.of("TRITMILL_JAVA_OPTS", nobodyListens),
            """
            "$tritmill" plan --model s3a://bucket/model --recipe twn
            """);

    assertTrue(refused.err().contains("Connection refused"), refused.err());
  }

  @Test
  void aColonInItsPathIsOneSentenceAndALinkIsTheRemedy() throws IOException, InterruptedException {
    Invocation refused =
        installation
            .shell(
                """
                mkdir a:b
                ln -s "$PWD/$home" plain
                cp -r "$home/bin" "$home/deploy" a:b/
                mkdir a:b/lib
                touch a:b/lib/tritmill.jar a:b/lib/java.options
                plain/bin/tritmill --version
                ln -s "$PWD/$tritmill" program
                ./program --version
                (cd plain/bin && sh tritmill --version)
                a:b/bin/tritmill --version
                """)
            .exits(2);

    assertTrue(refused.err().contains("has a colon in its name"), refused.err());
    assertEquals(3, refused.out().lines().filter(line -> line.startsWith("java 2")).count());
  }

  @Test
  void theDemoLeavesAnArchiveOfClassesWhereItMay() throws IOException, InterruptedException {
    Invocation run =
        installation
            .shell(
                """
                cp -r "$home" own
                chmod -R u+w own
                own/bin/tritmill demo --output open/demo
                test -s own/lib/tritmill.jsa
                TRITMILL_JAVA_OPTS=-Xlog:class+load:file=open/classes.txt own/bin/tritmill --version
                grep 'io.tritmill.jobs.Main source: shared objects file' open/classes.txt
                test ! -e "$home/lib/tritmill.jsa"
                """)
            .exits(0);

    assertTrue(run.out().contains("shared objects file"), run.out());
  }
}
