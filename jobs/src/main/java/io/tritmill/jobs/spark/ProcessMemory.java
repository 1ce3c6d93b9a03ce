package io.tritmill.jobs.spark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.LongAccumulator;

/** What the operating system counts of this JVM: heap, code, stacks and buffers together. */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  /**
   * Linux sums a process's pages from counters of each core, roughly: its high-water mark can be
   * read lower than it was read before. What was read once has been held.
   */
  private static final LongAccumulator PEAK = new LongAccumulator(Math::max, 0);

  private ProcessMemory() {}

  /**
   * Most bytes that this process has had in memory so far, never less than at a call before; 0
   * where the system does not tell.
   */
  public static long peakResidentBytes() {
    if (Files.isReadable(STATUS)) {
      try {
        note(Files.readString(STATUS, StandardCharsets.ISO_8859_1));
      } catch (IOException e) {
        // What is only reported must not end a task.
        return PEAK.get();
      }
    }
    return PEAK.get();
  }

  /** Most bytes of this and all texts of a status file before. */
  static long note(String status) {
    PEAK.accumulate(peakResidentBytes(status));
    return PEAK.get();
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
