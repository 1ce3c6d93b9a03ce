package io.tritmill.jobs.template;

import io.tritmill.jobs.template.Scope.Undefined;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Filters: functions behind a bar, whose first value is what stands before it. */
final class Filters {
  private Filters() {}

  /**
   * Applies one.
   *
   * @param values behind the first
   */
  static Object apply(String name, Object value, List<Object> values, Map<String, Object> named) {
    return switch (name) {
      case "trim" -> Strings.strip(Values.text(value), text(values, 0, null), true, true);
      case "upper" -> Values.text(value).toUpperCase(Locale.ROOT);
      case "lower" -> Values.text(value).toLowerCase(Locale.ROOT);
      case "capitalize" -> Strings.capitalized(Values.text(value));
      case "title" -> Strings.title(Values.text(value));
      case "string" -> Values.text(value);
      case "safe" -> value;
      case "length", "count" -> (long) Values.length(value);
      case "list" -> Values.elements(value);
      case "first" -> Lookup.element(Values.elements(value), 0L);
      case "last" -> Lookup.element(Values.elements(value), -1L);
      case "reverse" ->
          value instanceof String
              ? Lookup.slice(value, null, null, -1L)
              : Values.elements(value).reversed();
      case "items" -> value instanceof Map<?, ?> map ? Lookup.pairs(map) : new ArrayList<Object>();
      case "dictsort" -> sorted(Filters.apply("items", value, List.of(), Map.of()));
      case "join" -> Strings.join(text(values, 0, ""), picked(value, named));
      case "replace" -> Strings.replace(Values.text(value), needed(values, 0), needed(values, 1));
      case "default", "d" -> otherwise(value, values, named);
      case "tojson" -> Literals.json(value, indent(values, named));
      case "int" -> whole(value);
      case "float" -> decimal(value);
      case "abs" ->
          value instanceof Double one ? Math.abs(one) : (Object) Math.abs(Values.whole(value));
      case "map" -> mapped(value, values, named);
      case "select", "reject" -> filtered(value, values, name.equals("select"), null);
      case "selectattr", "rejectattr" ->
          filtered(
              value,
              values.subList(Math.min(1, values.size()), values.size()),
              name.equals("selectattr"),
              needed(values, 0));
      case "unique" -> unique(Values.elements(value));
      case "sort" -> sorted(value);
      case "indent" -> indented(Values.text(value), values, named);
      default -> throw new TemplateException("the filter %s", name);
    };
  }

  private static String text(List<Object> values, int at, String otherwise) {
    return at < values.size() ? Values.text(values.get(at)) : otherwise;
  }

  private static String needed(List<Object> values, int at) {
    if (at >= values.size()) {
      throw new TemplateException("a filter without a value that it needs");
    }
    return Values.text(values.get(at));
  }

  private static Object otherwise(Object value, List<Object> values, Map<String, Object> named) {
    Object other = values.isEmpty() ? named.getOrDefault("default_value", "") : values.getFirst();
    boolean empty =
        Values.isTrue(values.size() > 1 ? values.get(1) : named.getOrDefault("boolean", false));
    return value instanceof Undefined || empty && !Values.isTrue(value) ? other : value;
  }

  private static int indent(List<Object> values, Map<String, Object> named) {
    Object indent = values.isEmpty() ? named.get("indent") : values.getFirst();
    return indent == null ? -1 : Math.clamp(Values.whole(indent), 0, 64);
  }

  private static Object whole(Object value) {
    return switch (value) {
      case Double one -> one.longValue();
      case String one ->
          one.strip().matches("-?\\d{1,18}") ? Long.parseLong(one.strip()) : (Object) 0L;
      case null, default -> Values.whole(value);
    };
  }

  private static Object decimal(Object value) {
    try {
      return Double.parseDouble(Values.text(value));
    } catch (NumberFormatException e) {
      return 0.0;
    }
  }

  private static List<Object> picked(Object value, Map<String, Object> named) {
    return named.containsKey("attribute")
        ? mapped(value, List.of(), named)
        : Values.elements(value);
  }

  /** As in Jinja, which goes through nothing where there is nothing. */
  private static List<Object> someOf(Object value) {
    return Values.isTrue(value) ? Values.elements(value) : List.of();
  }

  private static List<Object> mapped(Object value, List<Object> values, Map<String, Object> named) {
    List<Object> mapped = new ArrayList<>();
    for (Object one : someOf(value)) {
      mapped.add(
          named.containsKey("attribute")
              ? Lookup.element(one, named.get("attribute"))
              : apply(needed(values, 0), one, values.subList(1, values.size()), Map.of()));
    }
    return mapped;
  }

  private static List<Object> filtered(
      Object value, List<Object> test, boolean kept, String attribute) {
    List<Object> some = new ArrayList<>();
    for (Object one : someOf(value)) {
      Object tested = attribute == null ? one : Lookup.element(one, attribute);
      boolean passes =
          test.isEmpty()
              ? Values.isTrue(tested)
              : Tests.passes(needed(test, 0), tested, test.subList(1, test.size()));
      if (passes == kept) {
        some.add(one);
      }
    }
    return some;
  }

  private static List<Object> unique(List<Object> all) {
    List<Object> unique = new ArrayList<>();
    all.stream()
        .filter(one -> unique.stream().noneMatch(other -> Values.equal(one, other)))
        .forEachOrdered(unique::add);
    return unique;
  }

  private static List<Object> sorted(Object value) {
    List<Object> sorted = Values.elements(value);
    sorted.sort(
        (a, b) ->
            a instanceof List<?> one && b instanceof List<?> other
                ? Values.compare(one.getFirst(), other.getFirst())
                : Values.compare(a, b));
    return sorted;
  }

  private static String indented(String text, List<Object> values, Map<String, Object> named) {
    Object width = values.isEmpty() ? named.getOrDefault("width", 4L) : values.getFirst();
    boolean first = Values.isTrue(values.size() > 1 ? values.get(1) : named.get("first"));
    String spaces = " ".repeat(Math.clamp(Values.whole(width), 0, 64));
    StringBuilder indented = new StringBuilder();
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      boolean moved = i == 0 ? first : !lines[i].isBlank();
      Scope.write(indented, (i == 0 ? "" : "\n") + (moved ? spaces : "") + lines[i]);
    }
    return indented.toString();
  }
}
