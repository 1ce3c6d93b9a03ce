package io.tritmill.jobs.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.ChildProcess;
import io.tritmill.jobs.Invocation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Spark's own client of Kubernetes, called by deploy/kubernetes/submit.sh. */
@Tag("cluster")
class KubernetesSubmitTest {
  @TempDir private static Path directory;

  private static Path home;

  @BeforeAll
  static void makeSpark() throws IOException {
    home = SparkHome.make();
  }

  private static Invocation submit(KubernetesServer server, String... options)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        SparkHome.script("deploy/kubernetes/submit.sh", home, List.of(options));
    builder.environment().put("TRITMILL_IMAGE", "registry.example/tritmill:1");
    builder.environment().put("TRITMILL_MASTER", server.master());
    // No credentials of a real cluster are read.
    builder.environment().put("KUBECONFIG", "/nonexistent");
    return ChildProcess.start(directory, builder).end();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4})
  void theExitCodeIsThatOfTheDriversContainer(int code) throws IOException, InterruptedException {
    try (KubernetesServer server = new KubernetesServer(code)) {
      Invocation ended = submit(server, "--", "compress", "--model", "s3a://models/a model");

      ended.exits(code);
      assertEquals("", ended.out());
      JsonNode words = server.driver().at("/spec/containers/0/args");
      assertEquals("s3a://models/a model", words.get(words.size() - 1).asText());
      requireRestricted(server.driver().get("spec"));
    }
  }

  @Test
  void aDriverWithoutAnExitCodeIsNoSuccess() throws IOException, InterruptedException {
    try (KubernetesServer server = new KubernetesServer(-1)) {
      Invocation ended = submit(server, "--", "verify", "s3a://runs/r");

      ended.exits(1);
      String last = ended.err().lines().toList().getLast();
      assertTrue(last.startsWith("tritmill: how the driver ended is not known"), last);
    }
  }

  /** What Pod Security "restricted" demands. */
  private static void requireRestricted(JsonNode pod) {
    JsonNode container = pod.at("/containers/0");
    assertTrue(pod.at("/securityContext/runAsNonRoot").asBoolean(), pod::toString);
    assertEquals("RuntimeDefault", pod.at("/securityContext/seccompProfile/type").asText());
    JsonNode rights = container.get("securityContext");
    assertEquals("[\"ALL\"]", rights.at("/capabilities/drop").toString());
    assertFalse(rights.get("allowPrivilegeEscalation").asBoolean(true));
    assertTrue(rights.get("readOnlyRootFilesystem").asBoolean());
    assertEquals("FallbackToLogsOnError", container.get("terminationMessagePolicy").asText());
    List<String> writable =
        container
            .get("volumeMounts")
            .valueStream()
            .map(mount -> mount.get("mountPath").asText())
            .toList();
    assertTrue(
        writable.containsAll(List.of("/tmp", "/var/spark", "/opt/spark/work-dir")),
        writable::toString);
    // The restricted profile knows a few kinds of volumes; Spark's own settings come as a map.
    pod.get("volumes")
        .forEach(
            volume ->
                assertTrue(volume.has("emptyDir") || volume.has("configMap"), volume::toString));
  }
}
