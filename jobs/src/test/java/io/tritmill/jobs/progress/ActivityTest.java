package io.tritmill.jobs.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

class ActivityTest {
  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
  private final PrintStream out =
      new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8) {
        @Override
        public void println(String line) {
          said.add(line);
        }
      };

  @Test
  void silenceIsBrokenAgainAndAgain() throws InterruptedException {
    Activity.Watch watch = new Activity.Watch(Duration.ofMillis(5), () -> out);
    try (Activity walk = watch.begin("block 3: try planes", 7)) {
      walk.step();
      walk.step();
      assertEquals("block 3: try planes, 2 of 7, 0s so far", said.take());
      assertTrue(said.take().startsWith("block 3: try planes, 2 of 7, "));
    }
  }

  @Test
  void theInnermostSpeaks() throws InterruptedException {
    Activity.Watch watch = new Activity.Watch(Duration.ofMillis(5), () -> out);
    Activity outer = watch.begin("verifying", 0);
    Activity inner = watch.begin("reading parts", 0);
    assertTrue(said.take().startsWith("reading parts, "));
    inner.close();
    said.clear();
    // The first may have been on its way.
    said.take();
    assertTrue(said.take().startsWith("verifying, "));
    outer.close();
  }

  @Test
  void whatHasEndedIsSilent() throws InterruptedException {
    Activity.Watch watch = new Activity.Watch(Duration.ofMillis(50), () -> out);
    watch.begin("short", 0).close();
    Activity later = watch.begin("later", 0);
    assertTrue(said.take().startsWith("later, "));
    later.close();
  }
}
