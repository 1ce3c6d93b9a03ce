package io.tritmill.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.ChildProcess;
import io.tritmill.jobs.Invocation;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.server.MiniYARNCluster;
import org.apache.spark.deploy.yarn.Client;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How commands end on YARN: to whoever submits them, and to its resource manager. */
@Tag("cluster")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class YarnTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));

  @TempDir private static Path directory;
  private static MiniYARNCluster yarn;
  private static YarnClient client;
  private static Path home;

  @BeforeAll
  static void start() throws Exception {
    YarnConfiguration configuration = new YarnConfiguration();
    configuration.set(
        YarnConfiguration.RM_SCHEDULER,
        "org.apache.hadoop.yarn.server.resourcemanager.scheduler.capacity.CapacityScheduler");
    configuration.set("yarn.scheduler.capacity.root.queues", "default");
    configuration.set("yarn.scheduler.capacity.root.default.capacity", "100");
    configuration.set("yarn.scheduler.capacity.maximum-am-resource-percent", "1.0");
    configuration.setInt("yarn.scheduler.minimum-allocation-mb", 256);
    configuration.setBoolean("yarn.nodemanager.vmem-check-enabled", false);
    configuration.setBoolean("yarn.nodemanager.pmem-check-enabled", false);
    // A disk that is nearly full is no concern of this test.
    configuration.set(
        "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage", "100");
    yarn = new MiniYARNCluster("tritmill", 1, 1, 1);
    yarn.init(configuration);
    yarn.start();
    Path site = Files.createDirectory(directory.resolve("conf")).resolve("yarn-site.xml");
    try (Writer writer = Files.newBufferedWriter(site)) {
      yarn.getConfig().writeXml(writer);
    }
    client = YarnClient.createYarnClient();
    client.init(yarn.getConfig());
    client.start();
    home = home();
  }

  /** Spark as the script for standalone clusters lays it out, and its part for YARN. */
  private static Path home() throws Exception {
    Path jar = Path.of(Client.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path made = directory.resolve("spark");
    standalone("start", "--dir", made, "--workers", 0, "--port", 0, "--jars", jar);
    standalone("stop", "--dir", made);
    return made.resolve("home");
  }

  private static void standalone(Object... arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(ROOT.resolve("deploy/standalone.sh").toString()));
    Arrays.stream(arguments).map(Object::toString).forEach(line::add);
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    ChildProcess.start(directory, builder).end().exits(0);
  }

  @AfterAll
  static void stop() {
    client.stop();
    yarn.stop();
  }

  @Test
  void aCompleteRunHasSucceededInClusterMode() throws Exception {
    submit("cluster", "default", compress("cluster", "examples/demo-6m")).exits(0);
    assertTrue(Files.exists(directory.resolve("cluster/_SUCCESS")));
    assertEquals(FinalApplicationStatus.SUCCEEDED, last().getFinalApplicationStatus());
  }

  @Test
  void aCompleteRunHasSucceededInClientMode() throws Exception {
    submit("client", "default", compress("client", "examples/demo-6m")).exits(0);
    assertTrue(Files.exists(directory.resolve("client/_SUCCESS")));
    assertEquals(FinalApplicationStatus.SUCCEEDED, last().getFinalApplicationStatus());
  }

  @Test
  void aMissingModelHasItsOwnExitCodeInClusterMode() throws Exception {
    submit("cluster", "default", compress("missing", "no-such")).exits(4);
    assertEquals(FinalApplicationStatus.FAILED, last().getFinalApplicationStatus());
    assertTrue(last().getDiagnostics().contains("4"), last().getDiagnostics());
  }

  @Test
  void aMissingModelAsksNothingOfTheClusterInClientMode() throws Exception {
    int before = client.getApplications().size();
    submit("client", "default", compress("missing", "no-such")).exits(4);
    assertEquals(before, client.getApplications().size());
  }

  @Test
  void anUnknownQueueIsOneSentenceAtTheEnd() throws Exception {
    Invocation refused = submit("client", "nosuch", compress("queue", "examples/demo-6m")).exits(4);
    String last = refused.err().lines().toList().getLast();
    assertTrue(last.startsWith("tritmill: yarn: ") && last.contains("nosuch"), refused.err());
  }

  private static Object[] compress(String run, String model) {
    return new Object[] {
      "compress",
      "--model",
      ROOT.resolve(model),
      "--recipe",
      "ptqtp",
      "--output",
      directory.resolve(run)
    };
  }

  private static Invocation submit(String mode, String queue, Object... command)
      throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    line.add(ROOT.resolve("deploy/yarn/submit.sh").toString());
    line.addAll(List.of("--num-executors", "1", "--executor-memory", "768m"));
    line.addAll(List.of("--driver-memory", "768m"));
    line.addAll(List.of("--conf", "spark.yarn.jars=local:" + home + "/jars/*"));
    line.addAll(List.of("--conf", "spark.ui.enabled=false"));
    line.add("--");
    Arrays.stream(command).map(Object::toString).forEach(line::add);
    ProcessBuilder builder = new ProcessBuilder(line);
    String java = System.getProperty("java.home");
    builder
        .environment()
        .putAll(
            Map.of(
                "SPARK_HOME", home.toString(),
                "JAVA_HOME", java,
                "HADOOP_CONF_DIR", directory.resolve("conf").toString(),
                "TRITMILL_MODE", mode,
                "TRITMILL_QUEUE", queue,
                "TRITMILL_JDK", java));
    return ChildProcess.start(directory, builder).end();
  }

  private static ApplicationReport last() throws IOException, YarnException {
    return client.getApplications().stream()
        .max(Comparator.comparing(ApplicationReport::getApplicationId))
        .orElseThrow();
  }
}
