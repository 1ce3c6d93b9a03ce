package io.tritmill.jobs.hub;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Hub's answers in JSON: what a revision is, and a page of the list of its files. */
final class TreePage {
  private static final JsonFactory JSON = new JsonFactory();
  private static final Pattern NEXT = Pattern.compile("<([^>]*)>\\s*;\\s*rel=\"?next\"?");
  private static final Pattern PART = Pattern.compile("(?!\\.{1,2}$)[^\\\\\\p{Cntrl}]+");

  private TreePage() {}

  /** The commit that a revision is, where the answer says so. */
  static Optional<String> commit(byte[] json) throws IOException {
    try (JsonParser parser = JSON.createParser(json)) {
      require(parser.nextToken() == JsonToken.START_OBJECT);
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        if (parser.nextToken() == JsonToken.VALUE_STRING && key.equals("sha")) {
          return Optional.of(parser.getText());
        }
        parser.skipChildren();
      }
      return Optional.empty();
    }
  }

  /**
   * Adds the files of a page.
   *
   * @throws IOException if it is no such page, or a file lies where none can
   */
  static void read(byte[] json, Map<String, Entry> files) throws IOException {
    try (JsonParser parser = JSON.createParser(json)) {
      require(parser.nextToken() == JsonToken.START_ARRAY);
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        entry(parser, files);
      }
      require(parser.currentToken() == JsonToken.END_ARRAY);
    }
  }

  private static void entry(JsonParser parser, Map<String, Entry> files) throws IOException {
    String type = "";
    String path = "";
    String tag = "";
    String content = "";
    long size = -1;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (key) {
        case "type" -> type = parser.getValueAsString("");
        case "path" -> path = parser.getValueAsString("");
        case "oid" -> tag = parser.getValueAsString("");
        case "size" -> size = value == JsonToken.VALUE_NUMBER_INT ? parser.getLongValue() : -1;
        case "lfs" -> content = content(parser);
        default -> parser.skipChildren();
      }
    }
    if (type.equals("file")) {
      require(size >= 0 && isPath(path));
      files.put(path, new Entry(size, content.isEmpty() ? tag : content));
    }
  }

  /** The checksum of a large file, which is also its tag. */
  private static String content(JsonParser parser) throws IOException {
    String content = "";
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return content;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      parser.nextToken();
      if (key.equals("oid")) {
        content = parser.getValueAsString("");
      }
      parser.skipChildren();
    }
    return content;
  }

  /** Whether a file may lie there, below a folder and nowhere else. */
  static boolean isPath(String path) {
    for (String part : path.split("/", -1)) {
      if (!PART.matcher(part).matches()) {
        return false;
      }
    }
    return true;
  }

  private static void require(boolean holds) throws IOException {
    if (!holds) {
      throw new IOException("it is no list of files of the Hub");
    }
  }

  /** The address of the page behind this one, from the header for links. */
  static Optional<String> next(Reply reply) {
    for (String link : reply.headers().allValues("Link")) {
      Matcher next = NEXT.matcher(link);
      if (next.find()) {
        return Optional.of(next.group(1));
      }
    }
    return Optional.empty();
  }
}
