package io.tritmill.jobs.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.EOFException;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ReasonTest {
  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(
            new NullPointerException("Cannot invoke \"a.B.c()\" because \"<local1>\" is null"),
            "a part that must be there is missing"),
        Arguments.of(
            new IOException("Cannot invoke \"a.B.c()\" because the return value of \"x\" is null"),
            "a part that must be there is missing"),
        Arguments.of(
            new ArrayIndexOutOfBoundsException("Index 5 out of bounds for length 3"),
            "its parts contradict each other"),
        Arguments.of(new EOFException(), "it ends early"),
        Arguments.of(new IOException("java.net.UnknownHostException: h"), "h"),
        Arguments.of(
            new IOException(new IOException("org.apache.x.BadFooter: bad footer")), "bad footer"),
        Arguments.of(new IOException("refused; For more details see:  http://wiki/x"), "refused"),
        Arguments.of(new IOException("first\nsecond"), "first"),
        Arguments.of(new IOException((String) null), "no reason given"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void saysWhatAUserUnderstands(Throwable failure, String expected) {
    assertEquals(expected, Reason.of(failure));
  }
}
