package io.tritmill.jobs.spark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the operating system counts of this JVM: heap, code, stacks and buffers together. */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private ProcessMemory() {}

  /** Most bytes that this process has had in memory so far; 0 where the system does not tell. */
  public static long peakResidentBytes() {
    if (!Files.isReadable(STATUS)) {
      return 0;
    }
    try {
      return peakResidentBytes(Files.readString(STATUS, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      // What is only reported must not end a task.
      return 0;
    }
  }

  /** The same from the text of a status file of Linux: {@code VmHWM: 1234 kB}. */
  static long peakResidentBytes(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith("VmHWM:"))
        .map(line -> line.replaceAll("\\D", ""))
        .filter(kibibytes -> !kibibytes.isEmpty())
        .mapToLong(kibibytes -> Long.parseLong(kibibytes) << 10)
        .findFirst()
        .orElse(0);
  }
}
