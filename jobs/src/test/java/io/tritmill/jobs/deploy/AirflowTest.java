package io.tritmill.jobs.deploy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.ChildProcess;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.foreign.ForeignPrograms;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The real Airflow reads the DAGs, and runs one with a local master. */
@Tag("foreign")
@Tag("cluster")
class AirflowTest {
  private static final Path ROOT = SparkHome.ROOT;

  @RegisterExtension private static final ForeignPrograms AIRFLOW = ForeignPrograms.of("airflow");

  @TempDir private Path directory;

  @Test
  void itRunsTwoNightsAndTriesOnceWhatCannotSucceed() throws IOException, InterruptedException {
    Path home = SparkHome.make();
    Path work = Files.createDirectory(directory.resolve("work"));
    Path cases = ROOT.resolve("jobs/src/test/resources/cases");
    Path model = Files.createDirectory(work.resolve("model"));
    try (Stream<Path> files = Files.list(cases.resolve("model"))) {
      for (Path file : files.toList()) {
        Files.copy(file, model.resolve(file.getFileName()));
      }
    }
    Files.copy(cases.resolve("data.jsonl"), work.resolve("data.jsonl"));
    Files.writeString(
        work.resolve("recipe.yaml"),
        "version: 1\nname: tiny\nrules: [{match: \"*\", stages: [{twn: {group: row}}]}]\n");
    Path dags = ROOT.resolve("deploy/airflow/dags");
    Map<String, String> environment =
        Map.of(
            "AIRFLOW_HOME", directory.resolve("airflow").toString(),
            "AIRFLOW__CORE__LOAD_EXAMPLES", "False",
            "AIRFLOW__CORE__DAGS_FOLDER", dags.toString(),
            "AIRFLOW_CONN_SPARK_DEFAULT",
                "{\"conn_type\": \"spark\", \"host\": \"local[1]\","
                    + " \"extra\": {\"spark-binary\": \"spark-submit\"}}",
            "SPARK_HOME", home.toString(),
            "JAVA_HOME", System.getProperty("java.home"),
            "PATH", home.resolve("bin") + File.pathSeparator + System.getenv("PATH"),
            "TRITMILL_JAR", ROOT.resolve("jobs/target/tritmill/lib/tritmill.jar").toString(),
            "TRITMILL_PROPERTIES", ROOT.resolve("conf/spark-defaults.conf").toString(),
            "TRITMILL_LOGGING", ROOT.resolve("conf/log4j2.properties").toString());

    run(environment, List.of("airflow", "db", "migrate")).exits(0);
    Invocation ended =
        run(
            environment,
            List.of(
                "python",
                ROOT.resolve("foreign/airflow_dags.py").toString(),
                dags.toString(),
                ROOT.resolve("jobs/target/tritmill/bin/tritmill").toString(),
                work.toString()));

    ended.exits(0);
    assertTrue(ended.out().contains("two nights: published, the last one is kept"), ended.out());
  }

  private Invocation run(Map<String, String> environment, List<String> words)
      throws IOException, InterruptedException {
    List<String> line =
        Stream.concat(
                Stream.of(AIRFLOW.program(words.getFirst()).toString()), words.stream().skip(1))
            .toList();
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().putAll(environment);
    return ChildProcess.start(directory, builder).end();
  }
}
