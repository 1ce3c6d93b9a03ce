package io.tritmill.jobs.hub;

import io.tritmill.jobs.failure.BadInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a user shows the Hub; neither a message nor a log has its value. */
final class Token {
  private static final int MOST_BYTES = 4096;
  private static final Pattern HEADER = Pattern.compile("[\\x21-\\x7e]+");

  private final String value;
  private final String source;

  private Token(String value, String source) {
    this.value = value;
    this.source = source;
  }

  /**
   * A token that stands somewhere; empty if there is nothing but white space.
   *
   * @param source where it stands
   * @throws BadInputException if no token looks like that
   */
  static Optional<Token> of(String text, String source) {
    String value = text.strip();
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (!HEADER.matcher(value).matches()) {
      throw BadInputException.usage(
          "%s: holds no token of the Hub, which is one word of ASCII letters; see what was set",
          source);
    }
    return Optional.of(new Token(value, source));
  }

  /** The token in a file, if there is such a file. */
  static Optional<Token> in(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file)) {
      return of(new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8), file.toString());
    } catch (IOException e) {
      throw BadInputException.broken(
          "%s: the token of the Hub in it cannot be read; see to the rights of the file", file);
    }
  }

  /** The value of the header that shows it. */
  String header() {
    return "Bearer " + value;
  }

  /** Where it was found. */
  String source() {
    return source;
  }

  @Override
  public String toString() {
    return "the token of " + source;
  }
}
