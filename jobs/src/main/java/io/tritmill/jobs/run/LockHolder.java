package io.tritmill.jobs.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;

/**
 * Who holds a run's lock, as {@code _LOCK} says it.
 *
 * @param token this holder's alone
 * @param application Spark's id of the application
 * @param host name of the driver's machine, for people
 * @param machine tells the machine and its numbering of processes from any other; empty where that
 *     is not known
 * @param process id of the driver's process
 * @param processStart when that process began, since ids are used again
 * @param since when the lock was taken
 * @param renewals how often it was renewed since
 */
record LockHolder(
    String token,
    String application,
    String host,
    String machine,
    long process,
    String processStart,
    String since,
    long renewals) {

  /** This process. */
  static LockHolder here(String application) {
    ProcessHandle process = ProcessHandle.current();
    return new LockHolder(
        UUID.randomUUID().toString(),
        application,
        hostName(),
        thisMachine(),
        process.pid(),
        start(process),
        Instant.now().toString(),
        0);
  }

  LockHolder renewed() {
    return new LockHolder(
        token, application, host, machine, process, processStart, since, renewals + 1);
  }

  boolean sameAs(LockHolder other) {
    return token.equals(other.token);
  }

  @JsonIgnore
  boolean isOfThisMachine() {
    return !machine.isEmpty() && machine.equals(thisMachine());
  }

  /** Whether the process lives; asked on its own machine alone. */
  @JsonIgnore
  boolean isAlive() {
    return ProcessHandle.of(process)
        .filter(ProcessHandle::isAlive)
        .filter(found -> start(found).equals(processStart))
        .isPresent();
  }

  String inWords() {
    return "application %s (process %d on %s, since %s)"
        .formatted(application, process, host, since);
  }

  private static String start(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toString).orElse("");
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "an unnamed host";
    }
  }

  /** The boot of the kernel and the namespace of process ids: containers have their own. */
  private static String thisMachine() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip()
          + " "
          + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }
}
