package io.tritmill.jobs.deploy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** A SPARK_HOME of the jars that tests have, for the scripts that submit. */
final class SparkHome {
  static final Path ROOT = Path.of(System.getProperty("tritmill.root"));

  private SparkHome() {}

  /** Makes it, in a folder that stays: links of a temporary one are each warned of. */
  static Path make() throws IOException {
    Path home = ROOT.resolve("jobs/target/spark-home");
    Path jars = Files.createDirectories(home.resolve("jars"));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    for (String entry : classPath.split(File.pathSeparator)) {
      Path jar = Path.of(entry);
      if (entry.endsWith(".jar")) {
        Files.deleteIfExists(jars.resolve(jar.getFileName()));
        Files.createSymbolicLink(jars.resolve(jar.getFileName()), jar);
      }
    }
    Path bin = Files.createDirectories(home.resolve("bin"));
    Files.copy(
        ROOT.resolve("deploy/spark-submit.sh"),
        bin.resolve("spark-submit"),
        StandardCopyOption.REPLACE_EXISTING);
    Files.setPosixFilePermissions(
        bin.resolve("spark-submit"), PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.copy(
        ROOT.resolve("deploy/jdk.sh"), bin.resolve("jdk.sh"), StandardCopyOption.REPLACE_EXISTING);
    Files.copy(
        ROOT.resolve("conf/log4j2.properties"),
        home.resolve("log4j2.properties"),
        StandardCopyOption.REPLACE_EXISTING);
    return home;
  }

  /** A script of deploy/ with this JVM's Java. */
  static ProcessBuilder script(String script, Path home, List<String> arguments) {
    List<String> line = new ArrayList<>(List.of(ROOT.resolve(script).toString()));
    line.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return builder;
  }
}
