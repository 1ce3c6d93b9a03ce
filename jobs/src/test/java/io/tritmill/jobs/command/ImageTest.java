package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be held of the container image where none can be built. */
@Tag("cluster")
class ImageTest {
  private static final Path INSTALLATION =
      Path.of(System.getProperty("tritmill.root"), "jobs/target/tritmill");
  private static final Path KUBERNETES = INSTALLATION.resolve("deploy/kubernetes");

  private static List<String> lines(String instruction) throws IOException {
    String file = Files.readString(KUBERNETES.resolve("Dockerfile")).replace("\\\n", " ");
    return file.lines().filter(line -> line.startsWith(instruction + " ")).toList();
  }

  @Test
  void whatIsCopiedIsInAnInstallation() throws IOException {
    List<String> ignored = Files.readAllLines(KUBERNETES.resolve("Dockerfile.dockerignore"));
    List<String> sources =
        lines("COPY").stream()
            .filter(line -> !line.contains("--from"))
            .flatMap(
                line -> Arrays.stream(line.split(" ")).skip(1).limit(line.split(" ").length - 2))
            .toList();

    assertTrue(sources.contains("lib/s3a/"), sources::toString);
    for (String source : sources) {
      String path = source.replaceAll("/$", "");
      assertTrue(ignored.contains("!" + path), () -> source + " is not in the context");
      PathMatcher pattern =
          FileSystems.getDefault().getPathMatcher("glob:" + INSTALLATION.resolve(path));
      try (Stream<Path> files = Files.list(INSTALLATION.resolve(path).getParent())) {
        assertTrue(files.anyMatch(pattern::matches), () -> source + " is not there");
      }
    }
  }

  @Test
  void imagesBeneathHaveExactVersions() throws IOException {
    List<String> images = lines("ARG").stream().filter(line -> line.contains("_IMAGE=")).toList();

    assertEquals(2, images.size());
    for (String image : images) {
      assertTrue(image.matches("ARG \\w+=[a-z/-]+:\\d+\\.\\d+\\.\\d+\\S*"), image);
    }
  }

  @Test
  void theLogIsThatOfTheLauncherAndNoneIsRoot() throws IOException {
    String environment = lines("ENV").getFirst();

    assertTrue(
        environment.contains("LOG4J_CONFIGURATION_FILE=/opt/tritmill/conf/log4j2.properties"),
        environment);
    assertTrue(environment.contains("LANG=C.UTF-8"), environment);
    assertEquals("USER 185", lines("USER").getLast());
  }

  @ParameterizedTest
  @ValueSource(strings = {"spark-application.yaml", "spark-application-apache.yaml"})
  void manifestsNameTheImageOfThisVersion(String manifest) throws IOException {
    String pom = Files.readString(Path.of(System.getProperty("tritmill.root"), "pom.xml"));
    String ours = pom.replaceAll("(?s).*?<version>(.*?)</version>.*", "$1");
    String text = Files.readString(KUBERNETES.resolve(manifest));
    assertTrue(text.contains("registry.example/tritmill:" + ours + "\n"), text);
  }
}
