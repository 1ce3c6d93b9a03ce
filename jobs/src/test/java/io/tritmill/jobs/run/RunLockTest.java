package io.tritmill.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.run.RunLock.Pace;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One application at a time writes in a run directory, and a dead one does not keep it. */
@Tag("slow")
class RunLockTest {
  private static final Pace QUICK =
      new Pace(Duration.ofMillis(50), Duration.ofMillis(1500), Duration.ofMillis(10));

  /** For holders that must not renew while a test looks. */
  private static final Pace STILL =
      new Pace(Duration.ofHours(1), Duration.ofMillis(200), Duration.ofMillis(10));

  @TempDir private Path directory;

  private final Storage storage = SharedSpark.storage();
  private final List<String> remarks = new CopyOnWriteArrayList<>();
  private RunDirectory run;
  private Path file;

  @BeforeEach
  void nameTheRun() {
    run = RunDirectory.at(storage.path(directory.resolve("run").toString()));
    file = directory.resolve("run/_LOCK");
  }

  private RunLock acquire(LockHolder holder, Pace pace) {
    return RunLock.acquire(storage, run, holder, remarks::add, pace);
  }

  private void write(LockHolder holder) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, Json.document(holder));
  }

  private static LockHolder elsewhere(String application) {
    LockHolder here = LockHolder.here(application);
    return new LockHolder(
        here.token(), application, "far", "another boot", 1, "then", here.since(), 0);
  }

  private static LockHolder dead() throws IOException, InterruptedException {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    LockHolder here = LockHolder.here("app-dead");
    return new LockHolder(
        here.token(), "app-dead", here.host(), here.machine(), process.pid(), "", "earlier", 7);
  }

  @Test
  void namesItsHolderWhileItIsHeldAndIsGoneAfterwards() {
    try (RunLock lock = RunLock.acquire(storage, run, "app-1", remarks::add)) {
      JsonNode content = RunFiles.json(file);

      assertEquals("app-1", content.get("application").asText());
      assertEquals(ProcessHandle.current().pid(), content.get("process").asLong());
      assertFalse(content.get("host").asText().isEmpty());
      assertFalse(content.get("since").asText().isEmpty());
      lock.require();
    }
    assertFalse(Files.exists(file));
    assertEquals(List.of(), remarks);
  }

  @Test
  void aSecondApplicationIsRefusedWithOneSentenceThatNamesTheFirst() {
    try (RunLock lock = RunLock.acquire(storage, run, "app-1", remarks::add)) {
      BadInputException refused =
          assertThrows(
              BadInputException.class, () -> RunLock.acquire(storage, run, "app-2", remarks::add));

      assertEquals(ExitCode.CONFLICT, refused.exitCode());
      assertTrue(refused.getMessage().contains("application app-1 (process "), refused::getMessage);
      assertTrue(refused.getMessage().contains("is working in this directory; wait until"));
      lock.require();
    }
  }

  @Test
  void theLockOfADeadProcessOfThisMachineIsTakenOverAtOnce() throws Exception {
    write(dead());

    // With the usual pace: a lock that had to be watched first would take over half a minute.
    try (RunLock lock = RunLock.acquire(storage, run, "app-2", remarks::add)) {
      lock.require();
      assertEquals("app-2", RunFiles.json(file).get("application").asText());
    }
    assertEquals(1, remarks.size());
    assertTrue(
        remarks.getFirst().contains("takes over the lock of application app-dead"),
        remarks::toString);
    assertTrue(remarks.getFirst().endsWith("its process is gone"), remarks::toString);
  }

  @Test
  void aProcessThatHasTheNumberOfADeadOneIsNotTakenForIt() throws Exception {
    LockHolder here = LockHolder.here("app-1");
    write(
        new LockHolder(
            here.token(), "app-1", here.host(), here.machine(), here.process(), "before", "x", 0));

    acquire(LockHolder.here("app-2"), QUICK).close();

    assertTrue(remarks.getFirst().endsWith("its process is gone"), remarks::toString);
  }

  @Test
  void aLockFromElsewhereThatNobodyRenewsIsStale() throws IOException {
    write(elsewhere("app-far"));

    acquire(LockHolder.here("app-2"), STILL).close();

    assertEquals(1, remarks.size());
    assertTrue(remarks.getFirst().contains("app-far"), remarks::toString);
    assertTrue(remarks.getFirst().contains("it was not renewed for"), remarks::toString);
  }

  @Test
  void aLockFromElsewhereThatIsRenewedIsNot() {
    try (RunLock lock = acquire(elsewhere("app-far"), QUICK)) {
      BadInputException refused =
          assertThrows(BadInputException.class, () -> acquire(LockHolder.here("app-2"), QUICK));

      assertTrue(refused.getMessage().contains("app-far"), refused::getMessage);
      lock.require();
    }
  }

  @Test
  void whatAKilledWriterLeftHalfWrittenIsStale() throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{\"token\": \"");

    acquire(LockHolder.here("app-2"), STILL).close();

    assertTrue(remarks.getFirst().contains("an unknown application"), remarks::toString);
  }

  /** Whose lock it is cannot be told, so it is watched as if its holder were far away. */
  @ParameterizedTest
  @ValueSource(strings = {"{}", "null", "[]", "", "{\"token\": null}", "\0\0\0{\u00ff\u00ff"})
  void aLockThatNamesNobodyIsTakenOverOnceNobodyRenewsIt(String content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, content.getBytes(StandardCharsets.ISO_8859_1));

    acquire(LockHolder.here("app-2"), STILL).close();

    assertEquals(1, remarks.size(), remarks.toString());
    assertTrue(remarks.getFirst().contains("of an unknown application: it was not renewed"));
  }

  @Test
  void whoeverHasLostTheLockLearnsItAndLeavesItToTheOther() throws Exception {
    RunLock lost = acquire(LockHolder.here("app-1"), QUICK);
    write(elsewhere("app-far"));

    BadInputException told = null;
    for (int i = 0; i < 1000 && told == null; i++) {
      Thread.sleep(10);
      try {
        lost.require();
      } catch (BadInputException e) {
        told = e;
      }
    }
    lost.close();

    assertEquals(ExitCode.CONFLICT, told.exitCode());
    assertTrue(told.getMessage().contains("app-far"), told::getMessage);
    assertEquals("app-far", RunFiles.json(file).get("application").asText());
  }
}
