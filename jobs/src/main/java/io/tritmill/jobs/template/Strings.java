package io.tritmill.jobs.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Methods of texts, as Python has them. */
final class Strings {
  /** Names of all of them. */
  static final Set<String> METHODS =
      Set.of(
          "capitalize",
          "count",
          "endswith",
          "find",
          "format",
          "isalpha",
          "isdigit",
          "islower",
          "isspace",
          "isupper",
          "join",
          "lower",
          "lstrip",
          "removeprefix",
          "removesuffix",
          "replace",
          "rfind",
          "rsplit",
          "rstrip",
          "split",
          "splitlines",
          "startswith",
          "strip",
          "title",
          "upper");

  private Strings() {}

  /**
   * Without characters at its ends.
   *
   * @param characters that go; null for white space
   */
  static String strip(String text, String characters, boolean left, boolean right) {
    int begin = 0;
    int end = text.length();
    while (left && begin < end && goes(text.charAt(begin), characters)) {
      begin++;
    }
    while (right && end > begin && goes(text.charAt(end - 1), characters)) {
      end--;
    }
    return text.substring(begin, end);
  }

  private static boolean goes(char c, String characters) {
    return characters == null
        ? Character.isWhitespace(c) || Character.isSpaceChar(c)
        : characters.indexOf(c) >= 0;
  }

  /** Calls one of the methods. */
  static Object call(String text, String method, List<Object> values) {
    return switch (method) {
      case "strip" -> strip(text, optional(values, 0), true, true);
      case "lstrip" -> strip(text, optional(values, 0), true, false);
      case "rstrip" -> strip(text, optional(values, 0), false, true);
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "lower" -> text.toLowerCase(Locale.ROOT);
      case "capitalize" -> capitalized(text);
      case "title" -> title(text);
      case "startswith" -> anyOf(values).stream().anyMatch(text::startsWith);
      case "endswith" -> anyOf(values).stream().anyMatch(text::endsWith);
      case "split" -> split(text, optional(values, 0), limit(values));
      case "rsplit" -> splitFromEnd(text, optional(values, 0), limit(values));
      case "splitlines" -> new ArrayList<Object>(text.lines().toList());
      case "replace" -> replace(text, text(values, 0), text(values, 1));
      case "find" -> (long) text.indexOf(text(values, 0));
      case "rfind" -> (long) text.lastIndexOf(text(values, 0));
      case "count" -> (long) split(text, text(values, 0), -1).size() - 1;
      case "removeprefix" -> {
        String prefix = text(values, 0);
        yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
      }
      case "removesuffix" -> {
        String suffix = text(values, 0);
        yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
      }
      case "join" -> join(text, Values.elements(values.isEmpty() ? null : values.getFirst()));
      case "format" -> format(text, values);
      case "isdigit" -> !text.isEmpty() && text.chars().allMatch(Character::isDigit);
      case "isalpha" -> !text.isEmpty() && text.chars().allMatch(Character::isLetter);
      case "isspace" -> !text.isEmpty() && text.isBlank();
      case "isupper" ->
          !text.equals(text.toLowerCase(Locale.ROOT)) && text.equals(text.toUpperCase(Locale.ROOT));
      case "islower" ->
          !text.equals(text.toUpperCase(Locale.ROOT)) && text.equals(text.toLowerCase(Locale.ROOT));
      default -> throw new TemplateException("the method %s of texts", method);
    };
  }

  /** Values in the places of {@code {}}. */
  private static String format(String text, List<Object> values) {
    StringBuilder formatted = new StringBuilder();
    int at = 0;
    for (Object value : values) {
      int place = text.indexOf("{}", at);
      if (place < 0) {
        break;
      }
      Scope.write(formatted, text.substring(at, place) + Values.text(value));
      at = place + 2;
    }
    String rest = text.substring(at);
    if (rest.contains("{") || rest.contains("}")) {
      throw new TemplateException("the format %s", text);
    }
    return formatted + rest;
  }

  static String join(String between, List<Object> values) {
    StringBuilder joined = new StringBuilder();
    for (int i = 0; i < values.size(); i++) {
      Scope.write(joined, (i == 0 ? "" : between) + Values.text(values.get(i)));
    }
    return joined.toString();
  }

  static String replace(String text, String old, String by) {
    long times = old.isEmpty() ? text.length() + 1L : split(text, old, -1).size() - 1L;
    Scope.requireRoom(text.length() + times * by.length());
    return text.replace(old, by);
  }

  static String capitalized(String text) {
    return text.isEmpty()
        ? text
        : text.substring(0, 1).toUpperCase(Locale.ROOT)
            + text.substring(1).toLowerCase(Locale.ROOT);
  }

  static String title(String text) {
    StringBuilder title = new StringBuilder(text.toLowerCase(Locale.ROOT));
    for (int i = 0; i < title.length(); i++) {
      if (i == 0 || !Character.isLetter(title.charAt(i - 1))) {
        title.setCharAt(i, Character.toUpperCase(title.charAt(i)));
      }
    }
    return title.toString();
  }

  /**
   * @param by null for white space
   * @param most cuts; below 0 for all
   */
  private static List<Object> split(String text, String by, int most) {
    List<Object> parts = new ArrayList<>();
    if (by == null) {
      String[] words = strip(text, null, true, most < 0).split("\\s+", most < 0 ? 0 : most + 1);
      Arrays.stream(words).filter(word -> !word.isEmpty()).forEach(parts::add);
      return parts;
    }
    if (by.isEmpty()) {
      throw new TemplateException("a split at an empty text");
    }
    int at = 0;
    for (int next; parts.size() != most && (next = text.indexOf(by, at)) >= 0; ) {
      parts.add(text.substring(at, next));
      at = next + by.length();
    }
    parts.add(text.substring(at));
    return parts;
  }

  private static List<Object> splitFromEnd(String text, String by, int most) {
    if (by == null || most < 0) {
      return split(text, by, -1);
    }
    List<Object> parts = new ArrayList<>();
    int end = text.length();
    for (int next;
        parts.size() != most && (next = text.lastIndexOf(by, end - by.length())) >= 0; ) {
      parts.addFirst(text.substring(next + by.length(), end));
      end = next;
    }
    parts.addFirst(text.substring(0, end));
    return parts;
  }

  private static int limit(List<Object> values) {
    return values.size() > 1 ? Values.index(values.get(1)) : -1;
  }

  private static List<String> anyOf(List<Object> values) {
    return values.isEmpty() || values.getFirst() instanceof String
        ? List.of(text(values, 0))
        : Values.elements(values.getFirst()).stream().map(Values::text).toList();
  }

  private static String optional(List<Object> values, int at) {
    return values.size() <= at || values.get(at) == null ? null : text(values, at);
  }

  private static String text(List<Object> values, int at) {
    if (at < values.size() && values.get(at) instanceof String text) {
      return text;
    }
    throw new TemplateException("a method of texts without the text that it needs");
  }
}
