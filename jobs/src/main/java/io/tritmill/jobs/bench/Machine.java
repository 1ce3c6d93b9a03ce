package io.tritmill.jobs.bench;

import io.tritmill.jobs.storage.MayBeMissing;
import io.tritmill.kernels.simd.Simd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a measurement was taken on.
 *
 * @param cpu the processor's name where the system tells it, else its architecture
 * @param cores processors that the JVM may use
 * @param vectors width of the registers that kernels use, or {@code scalar}
 * @param jvm name and version
 * @param system operating system and architecture
 */
@MayBeMissing
public record Machine(String cpu, int cores, String vectors, String jvm, String system) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** The machine that this runs on. */
  static Machine here() {
    return new Machine(
        cpu(CPU_INFO),
        Runtime.getRuntime().availableProcessors(),
        Simd.description(),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"));
  }

  /** The first model name of a file like Linux's. */
  static String cpu(Path information) {
    try (Stream<String> lines = Files.lines(information)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElseGet(Machine::architecture);
    } catch (IOException e) {
      // Other systems have no such file, and the name is for people only.
      return architecture();
    }
  }

  private static String architecture() {
    return System.getProperty("os.arch");
  }
}
