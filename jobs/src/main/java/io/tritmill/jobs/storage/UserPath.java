package io.tritmill.jobs.storage;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Reason;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A path as a user writes it, made one of Hadoop's, or refused in a sentence. */
final class UserPath {
  private static final Pattern URI_LIKE =
      Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]+):(.*)", Pattern.DOTALL);

  private UserPath() {}

  static org.apache.hadoop.fs.Path of(String text) {
    if (text.isBlank()) {
      throw BadInputException.usage("'%s' is no path; is a variable not set?", text);
    }
    Matcher uri = URI_LIKE.matcher(text);
    if (!uri.matches()) {
      return local(text);
    }
    String scheme = uri.group(1);
    if (!Schemes.KNOWN.contains(scheme)) {
      if (!uri.group(2).startsWith("//") && Files.exists(java(text))) {
        return local(text);
      }
      throw BadInputException.usage(
          "%s: scheme %s is not supported; use one of %s, or ./%s for a local path with a colon",
          text, scheme, Schemes.KNOWN.stream().sorted().toList(), text);
    }
    org.apache.hadoop.fs.Path path = hadoop(text);
    URI parts = path.toUri();
    String authority = parts.getAuthority();
    if (scheme.equals("file")) {
      if (authority == null || authority.equals("localhost")) {
        return local(parts.getPath());
      }
      throw BadInputException.usage(
          "%s: names the host %s, but file: is this machine; write file:///PATH", text, authority);
    }
    if (authority == null && Schemes.NEED_A_STORE.contains(scheme)) {
      throw BadInputException.usage(
          "%s: names no bucket or store; write %s://NAME/PATH", text, scheme);
    }
    return path;
  }

  private static org.apache.hadoop.fs.Path local(String text) {
    return new org.apache.hadoop.fs.Path(
        "file", null, java(text).toAbsolutePath().normalize().toString());
  }

  private static Path java(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw BadInputException.usage(
          "'%s' is no path (%s); names that are not ASCII need a locale of UTF-8, such as"
              + " LC_ALL=C.UTF-8",
          text, e.getReason());
    }
  }

  private static org.apache.hadoop.fs.Path hadoop(String text) {
    try {
      return new org.apache.hadoop.fs.Path(text);
    } catch (IllegalArgumentException e) {
      throw BadInputException.usage(
          "%s: is no URI (%s); write SCHEME://NAME/PATH", text, Reason.of(e));
    }
  }
}
