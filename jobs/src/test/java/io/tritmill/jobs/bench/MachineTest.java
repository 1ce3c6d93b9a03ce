package io.tritmill.jobs.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of the machine. */
class MachineTest {
  @TempDir Path directory;

  @Test
  void theProcessorIsTheFirstModelNamed() throws IOException {
    Path information = directory.resolve("cpuinfo");
    Files.writeString(
        information,
        "processor\t: 0\nmodel\t\t: 1\nmodel name\t: Fast CPU @ 2:6 GHz\n\nmodel name\t: Other\n");
    assertEquals("Fast CPU @ 2:6 GHz", Machine.cpu(information));
  }

  @Test
  void withoutANameItIsTheArchitecture() throws IOException {
    String architecture = System.getProperty("os.arch");
    Path information = directory.resolve("cpuinfo");
    assertEquals(architecture, Machine.cpu(information));
    Files.writeString(information, "processor\t: 0\n");
    assertEquals(architecture, Machine.cpu(information));
  }

  @Test
  void nothingIsLeftOut() {
    Machine machine = Machine.here();
    assertFalse(machine.cpu().isBlank());
    assertFalse(machine.vectors().isBlank());
    assertEquals(Runtime.getRuntime().availableProcessors(), machine.cores());
  }
}
