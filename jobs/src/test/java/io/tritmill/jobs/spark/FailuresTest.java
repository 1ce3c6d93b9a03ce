package io.tritmill.jobs.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.security.AccessControlException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of what ends commands, row by row. */
class FailuresTest {
  static Stream<Arguments> rows() {
    return Stream.of(
        row(6, "/x: cannot be opened or written", new FileNotFoundException("/x")),
        row(6, "free some room", new IOException("No space left on device")),
        row(6, "choose an output directory", new IOException("Mkdirs failed to create /x")),
        row(6, "may write there", new AccessControlException("Permission denied: user=a")),
        row(
            4,
            "no credentials for the store",
            new AccessDeniedException("b", null, "No AWS Credentials provided by X")),
        row(
            4,
            "run kinit first",
            new AccessControlException("SIMPLE authentication is not enabled.  Available:[TOKEN]")),
        row(
            4,
            "file:/x/a.jsonl: does not agree with the hidden file .a.jsonl.crc beside it: delete"
                + " that if the file was replaced",
            new ChecksumException("Checksum error: file:/x/a.jsonl at 0 exp: 1 got: 2", 0)),
        row(4, "nohost: no host of this name", new UnknownHostException("nohost")),
        row(4, "Connection refused: the service", new ConnectException("Connection refused")),
        row(4, "No route to host: the service", new NoRouteToHostException("No route to host")),
        row(4, "Read timed out: the service", new SocketTimeoutException("Read timed out")),
        row(4, "no safe connection", new SSLHandshakeException("PKIX path building failed")),
        row(
            2,
            "expected at least 480m",
            new IllegalArgumentException("[INVALID_DRIVER_MEMORY] System memory 268435456 must")),
        row(2, "no more threads", new OutOfMemoryError("unable to create native thread: possibly")),
        row(2, "TRITMILL_MEMORY", new OutOfMemoryError("Java heap space")),
        row(6, "set TMPDIR", new UnsatisfiedLinkError("/tmp/libx.so: failed to map segment")),
        row(3, "not on the class path", new NoClassDefFoundError("org/apache/avro/Schema")),
        row(
            2,
            "a path of Hadoop cannot hold",
            new IllegalArgumentException(new URISyntaxException("a:b", "Relative path in"))),
        row(4, "Input/output error: a file or a store", new IOException("Input/output error")));
  }

  private static Arguments row(int code, String expected, Throwable failure) {
    return Arguments.of(code, expected, failure);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void surroundingsEndInASentence(int code, String expected, Throwable failure) {
    for (Throwable wrapped :
        new Throwable[] {failure, new IllegalStateException("A job failed", failure)}) {
      BadInputException sentence = Failures.sentence(wrapped).orElseThrow();
      assertEquals(code, sentence.exitCode().code());
      assertTrue(sentence.getMessage().contains(expected), sentence.getMessage());
    }
  }

  static Stream<Throwable> mistakes() {
    return Stream.of(
        new NullPointerException(),
        new StackOverflowError(),
        new AssertionError("x"),
        new IllegalStateException("x"),
        new NoClassDefFoundError("io/tritmill/jobs/Main"),
        new UncheckedIOException(new NotSerializableException("x")));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void ourMistakesAreNone(Throwable failure) {
    assertTrue(Failures.sentence(failure).isEmpty());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void theStorageNamesThePlace(int code, String expected, Throwable failure) {
    if (failure instanceof IOException io) {
      BadInputException named =
          Failures.sentence(new UncheckedIOException("hdfs://h/place", io)).orElseThrow();
      assertTrue(named.getMessage().startsWith("hdfs://h/place: "), named.getMessage());
    } else {
      assertFalse(ExitCode.BUG.code() == code, expected);
    }
  }
}
