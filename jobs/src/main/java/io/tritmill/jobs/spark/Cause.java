package io.tritmill.jobs.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.failure.Reason;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.ObjectStreamException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.security.AccessControlException;

/**
 * A row of the table of what ends commands without being a mistake of ours.
 *
 * @param fits whether a failure is of this kind
 * @param code what the process exits with
 * @param reason what came
 * @param remedy what stands behind the reason: what it means, and what to do
 */
record Cause(
    Predicate<Throwable> fits, ExitCode code, Function<Throwable, String> reason, String remedy) {
  private static final Pattern CHECKSUM = Pattern.compile("Checksum error: (.*) at \\d+ exp.*");

  /** What a file system refuses, and would refuse again: the first that fits counts. */
  static final List<Cause> REFUSALS =
      List.of(
          row(
              io(
                  "SIMPLE authentication is not enabled",
                  "Client cannot authenticate via",
                  "GSS initiate failed",
                  "No valid credentials provided",
                  "Login failure for "),
              ExitCode.BROKEN_INPUT,
              "asks for a login that this process does not have; run kinit first, or give"
                  + " spark-submit --principal and --keytab"),
          row(
              io("No AWS Credentials provided", "Unable to load credentials"),
              ExitCode.BROKEN_INPUT,
              "this process has no credentials for the store; name their provider, see Secrets in"
                  + " docs/operations.md"),
          new Cause(
              ChecksumException.class::isInstance,
              ExitCode.BROKEN_INPUT,
              Cause::spoiled,
              "delete that if the file was replaced since it was written, else fetch both again"),
          row(
              either(
                  FileNotFoundException.class,
                  AccessDeniedException.class,
                  AccessControlException.class),
              ExitCode.CONFLICT,
              "cannot be opened or written; check that it exists and that this user may write"
                  + " there"),
          row(
              io("No space left on device", "DSQuotaExceeded", "Disk quota exceeded"),
              ExitCode.CONFLICT,
              "free some room and run the same command again, finished layers are kept"),
          row(
              io(
                  "Permission denied",
                  "Read-only file system",
                  "Mkdirs failed",
                  "Not a directory",
                  "Parent path is not a directory"),
              ExitCode.CONFLICT,
              "cannot be written; choose an output directory that this user may write to"));

  /** Networks, memory and class paths that do not suit a command. */
  static final List<Cause> SURROUNDINGS =
      List.of(
          row(
              either(UnknownHostException.class, UnresolvedAddressException.class),
              ExitCode.BROKEN_INPUT,
              "no host of this name is known here; check the address, and this machine's DNS"),
          row(
              either(SSLException.class),
              ExitCode.BROKEN_INPUT,
              "no safe connection is made; check the address and the certificates that this Java"
                  + " trusts"),
          row(
              either(SocketException.class, SocketTimeoutException.class),
              ExitCode.BROKEN_INPUT,
              "the service does not answer; check its address and port, and that this machine may"
                  + " reach it"),
          new Cause(
              says("[INVALID_DRIVER_MEMORY]"),
              ExitCode.USAGE,
              _ -> memory(),
              "expected at least 480m, which Spark needs to start; set TRITMILL_MEMORY, or"
                  + " spark.driver.memory under spark-submit"),
          row(
              says("[INVALID_EXECUTOR_MEMORY]"),
              ExitCode.USAGE,
              "the memory of an executor is too small for Spark; see what tritmill plan says of"
                  + " spark.executor.memory"),
          new Cause(
              says("unable to create native thread"),
              ExitCode.USAGE,
              _ -> "a thread cannot be started",
              "this process may start no more threads; raise the limit of processes (ulimit -u, or"
                  + " pids.max of the container)"),
          new Cause(
              OutOfMemoryError.class::isInstance,
              ExitCode.USAGE,
              _ -> memory() + ", which does not suffice for this",
              "give it more with TRITMILL_MEMORY, or with spark.driver.memory under spark-submit;"
                  + " tritmill plan says how much"),
          row(
              either(UnsatisfiedLinkError.class),
              ExitCode.CONFLICT,
              "a native library cannot be loaded from the folder of temporary files; set TMPDIR, or"
                  + " -Djava.io.tmpdir, to one from which programs may be run"),
          row(
              Cause::isMissingClass,
              ExitCode.UNSUPPORTED,
              "a class of another library is not on the class path; unpack the installation again,"
                  + " or add the jar with TRITMILL_CLASSPATH, with --jars under spark-submit"),
          row(
              either(URISyntaxException.class),
              ExitCode.USAGE,
              "is a name that a path of Hadoop cannot hold; rename it without the colon"));

  /** Failures of files that nothing more is known of. */
  static final List<Cause> OTHERS =
      List.of(
          row(
              cause ->
                  cause instanceof IOException
                      && !(cause instanceof ObjectStreamException)
                      && !(cause instanceof JsonProcessingException),
              ExitCode.BROKEN_INPUT,
              "a file or a store failed; see to it, and run the same command again"));

  /** The place, the reason, and what to do. */
  BadInputException sentence(String place, Throwable cause, Throwable failure) {
    String came = reason.apply(cause);
    String where = place.isEmpty() || came.contains(place) ? came : place + ": " + came;
    return new BadInputException(code, where + ": " + remedy, failure);
  }

  private static Cause row(Predicate<Throwable> fits, ExitCode code, String remedy) {
    return new Cause(fits, code, Reason::of, remedy);
  }

  private static Cause row(Class<? extends Throwable> type, ExitCode code, String remedy) {
    return new Cause(type::isInstance, code, Reason::of, remedy);
  }

  private static Predicate<Throwable> either(Class<?>... types) {
    return cause -> Stream.of(types).anyMatch(type -> type.isInstance(cause));
  }

  private static Predicate<Throwable> says(String... words) {
    return cause -> {
      String message = String.valueOf(cause.getMessage());
      return !(cause instanceof UncheckedIOException)
          && Stream.of(words).anyMatch(message::contains);
    };
  }

  private static Predicate<Throwable> io(String... words) {
    Predicate<Throwable> says = says(words);
    return cause -> cause instanceof IOException && says.test(cause);
  }

  private static String memory() {
    return "the memory of this process is %dm"
        .formatted(Runtime.getRuntime().maxMemory() / (1 << 20));
  }

  private static String spoiled(Throwable checksum) {
    Matcher message = CHECKSUM.matcher(String.valueOf(checksum.getMessage()));
    if (!message.matches()) {
      return Reason.of(checksum) + ", with the hidden .crc file beside it";
    }
    String file = message.group(1);
    return "%s: does not agree with the hidden file .%s.crc beside it"
        .formatted(file, file.substring(file.lastIndexOf('/') + 1));
  }

  /** A class of ours that is missing is a mistake of ours. */
  private static boolean isMissingClass(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    return (cause instanceof NoClassDefFoundError || cause instanceof ClassNotFoundException)
        && !message.contains("tritmill")
        && !message.startsWith("Could not initialize");
  }
}
