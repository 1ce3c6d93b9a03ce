package io.tritmill.jobs.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ProcessMemoryTest {
  @Test
  void theHighWaterMarkIsRead() {
    String status = "Name:\tjava\nVmPeak:\t 9000 kB\nVmHWM:\t  123456 kB\nVmRSS:\t  100000 kB\n";
    assertEquals(123_456L << 10, ProcessMemory.peakResidentBytes(status));
  }

  @Test
  void whatTheSystemDoesNotTellIsZero() {
    assertEquals(0, ProcessMemory.peakResidentBytes("Name:\tjava\n"));
    assertEquals(0, ProcessMemory.peakResidentBytes("VmHWM:\tunknown\n"));
  }

  @Test
  void aMarkThatIsReadLowerThanBeforeIsNotBelieved() {
    long held = ProcessMemory.peakResidentBytes();
    assertEquals(
        held + (1 << 20), ProcessMemory.note("VmHWM:\t%d kB\n".formatted((held >> 10) + 1024)));
    assertEquals(held + (1 << 20), ProcessMemory.note("VmHWM:\t1 kB\n"));
  }
}
