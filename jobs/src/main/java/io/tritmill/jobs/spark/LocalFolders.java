package io.tritmill.jobs.spark;

import io.tritmill.jobs.failure.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.xerial.snappy.Snappy;

/**
 * The folders for temporary files of a driver, looked at before there is work that they could
 * spoil: Spark ends the JVM where it cannot write, and native libraries are needed at the end of a
 * run.
 */
final class LocalFolders {
  /** Libraries unpacked and the files of a small job; less is surely too little. */
  private static final int ROOM = 16 << 20;

  private static final String REMEDY =
      "name another folder with TMPDIR, or -Djava.io.tmpdir=DIR in the options of the driver";

  private LocalFolders() {}

  /**
   * Looks at them.
   *
   * @throws BadInputException if they cannot be written, are full, or run no native libraries
   */
  static void require(SparkConf conf) {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    String problem = problem(temporary);
    if (problem != null) {
      throw BadInputException.conflict(
          "%s: %s, and it is the folder for temporary files; %s", temporary, problem, REMEDY);
    }
    requireOneOf(sparkFolders(conf, temporary));
    requireNativeLibraries(temporary);
  }

  /** Spark goes on with those that it can write, and ends the JVM when there is none. */
  private static void requireOneOf(List<Path> folders) {
    List<String> problems = new ArrayList<>();
    for (Path folder : folders) {
      String problem = problem(folder);
      if (problem == null) {
        return;
      }
      problems.add(folder + ": " + problem);
    }
    throw BadInputException.conflict(
        "%s; Spark keeps its files there: name another folder with SPARK_LOCAL_DIRS or"
            + " spark.local.dir",
        String.join(", ", problems));
  }

  private static List<Path> sparkFolders(SparkConf conf, Path temporary) {
    // In the order in which Spark asks; a container of YARN has LOCAL_DIRS.
    String named =
        List.of("LOCAL_DIRS", "SPARK_LOCAL_DIRS").stream()
            .map(System::getenv)
            .filter(value -> value != null && !value.isBlank())
            .findFirst()
            .orElseGet(() -> conf.get("spark.local.dir", temporary.toString()));
    return List.of(named.split(",")).stream().map(String::strip).map(Path::of).toList();
  }

  /** What is wrong with a folder; null if it can be used. */
  private static String problem(Path folder) {
    try {
      Files.createDirectories(folder);
      Path probe = Files.createTempFile(folder, "tritmill", ".probe");
      try {
        Files.write(probe, new byte[1 << 12]);
      } finally {
        Files.delete(probe);
      }
      long room = Files.getFileStore(folder).getUsableSpace();
      return room < ROOM ? "has only %d bytes of room".formatted(room) : null;
    } catch (IOException e) {
      return "cannot be written (%s)".formatted(e.getMessage());
    }
  }

  /** Snappy packs the tables of reports; it is unpacked to a file, which must be let run. */
  private static void requireNativeLibraries(Path temporary) {
    try {
      Snappy.getNativeLibraryVersion();
      Snappy.maxCompressedLength(1);
      com.github.luben.zstd.util.Native.load();
    } catch (LinkageError | RuntimeException e) {
      throw BadInputException.conflict(
          "%s: native libraries do not run from there (%s); is it mounted noexec? %s",
          temporary, e, REMEDY);
    }
  }
}
