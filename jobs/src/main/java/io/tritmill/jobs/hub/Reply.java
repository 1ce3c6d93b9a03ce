package io.tritmill.jobs.hub;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What was answered at the end of all redirections.
 *
 * @param from who answered
 * @param linkedTag what the Hub said on the way of the content that it leads to
 * @param own whether it was the Hub itself, not a store that it leads to
 */
record Reply(
    int status, HttpHeaders headers, Body body, URI from, Optional<String> linkedTag, boolean own) {
  private static final Set<Integer> PASSING = Set.of(408, 425, 429, 500, 502, 503, 504);
  private static final Pattern RESET = Pattern.compile("(?:^|;)\\s*t=(\\d{1,6})\\s*(?:;|$)");

  /** Whether there is what was asked for. */
  boolean ok() {
    return status / 100 == 2;
  }

  /** Whether the same request may be answered later. */
  boolean passing() {
    return PASSING.contains(status);
  }

  /** The Hub's own word for why it refuses, or nothing. */
  String errorCode() {
    return headers.firstValue("X-Error-Code").orElse("");
  }

  /** Its sentence, or nothing. */
  String errorMessage() {
    return headers.firstValue("X-Error-Message").orElse("");
  }

  /** How long to wait before the next request, where the answer says so. */
  Duration wait(Instant now) {
    Optional<Duration> asked = headers.firstValue("Retry-After").flatMap(it -> wait(it, now));
    return asked
        .or(() -> headers.firstValue("RateLimit").filter(it -> status == 429).flatMap(Reply::reset))
        .orElse(Duration.ZERO);
  }

  private static Optional<Duration> wait(String text, Instant now) {
    String value = text.strip();
    if (value.matches("\\d{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
    }
    try {
      Instant then = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Optional.of(then.isAfter(now) ? Duration.between(now, then) : Duration.ZERO);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Optional<Duration> reset(String limits) {
    Matcher matcher = RESET.matcher(limits);
    return matcher.find()
        ? Optional.of(Duration.ofSeconds(Long.parseLong(matcher.group(1))))
        : Optional.empty();
  }

  /** The tag of the content, without the marks around it; empty where it is a weak one. */
  static Optional<String> strong(String tag) {
    String value = tag.strip();
    return value.startsWith("W/") ? Optional.empty() : Optional.of(value.replace("\"", ""));
  }
}
