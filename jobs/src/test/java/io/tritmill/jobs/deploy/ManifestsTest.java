package io.tritmill.jobs.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Manifests of Kubernetes say what conf/ and the pod template say. */
class ManifestsTest {
  private static final Path KUBERNETES = SparkHome.ROOT.resolve("deploy/kubernetes");

  @ParameterizedTest
  @ValueSource(strings = {"spark-application.yaml", "spark-application-apache.yaml"})
  void operatorsAreGivenEverySettingThatSparkSubmitReads(String manifest) throws IOException {
    Properties wanted = new Properties();
    try (Reader conf =
        Files.newBufferedReader(SparkHome.ROOT.resolve("conf/spark-defaults.conf"))) {
      wanted.load(conf);
    }
    assertFalse(wanted.isEmpty());

    Map<?, ?> given = (Map<?, ?>) at(yaml(manifest).getFirst(), "spec", "sparkConf");

    wanted.forEach((key, value) -> assertEquals(value, given.get(key), key.toString()));
    // Kubernetes takes texts alone.
    given.forEach((key, value) -> assertTrue(value instanceof String, key.toString()));
    // This would take the place of the share that conf/ asks for.
    assertFalse(given.containsKey("spark.executor.memoryOverhead"));
  }

  @Test
  void podsOfOperatorsAreThoseOfTheTemplate() throws IOException {
    Object pod = at(yaml("pod-template.yaml").getFirst(), "spec");
    Object kubeflow = at(yaml("spark-application.yaml").getFirst(), "spec");
    Object apache = at(yaml("spark-application-apache.yaml").getFirst(), "spec");

    assertEquals(pod, at(kubeflow, "driver", "template", "spec"));
    assertEquals(pod, at(kubeflow, "executor", "template", "spec"));
    assertEquals(pod, at(apache, "driverSpec", "podTemplateSpec", "spec"));
    assertEquals(pod, at(apache, "executorSpec", "podTemplateSpec", "spec"));
  }

  @Test
  void driversRunAsTheAccountThatHasRights() throws IOException {
    List<Object> names = new ArrayList<>();
    for (Object one : yaml("rbac.yaml")) {
      if (at(one, "kind").equals("ServiceAccount")) {
        names.add(at(one, "metadata", "name"));
      }
    }
    Object kubeflow = yaml("spark-application.yaml").getFirst();

    assertEquals(List.of(at(kubeflow, "spec", "driver", "serviceAccount")), names);
  }

  private static List<Object> yaml(String file) throws IOException {
    List<Object> documents = new ArrayList<>();
    try (Reader reader = Files.newBufferedReader(KUBERNETES.resolve(file))) {
      new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(reader).forEach(documents::add);
    }
    return documents;
  }

  private static Object at(Object tree, String... path) {
    Object found = tree;
    for (String key : path) {
      found = ((Map<?, ?>) found).get(key);
      assertTrue(found != null, key);
    }
    return found;
  }
}
