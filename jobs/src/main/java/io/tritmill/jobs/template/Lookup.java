package io.tritmill.jobs.template;

import io.tritmill.jobs.template.Scope.Function;
import io.tritmill.jobs.template.Scope.Undefined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Parts of values: elements, entries, and methods. */
final class Lookup {
  private Lookup() {}

  /** {@code value.name}. */
  static Object attribute(Object value, String name) {
    return switch (value) {
      case Map<?, ?> map ->
          map.containsKey(name) && !isMethod(name) ? map.get(name) : ofMap(map, name);
      case String text -> Strings.METHODS.contains(name) ? method(text, name) : Undefined.of(name);
      case List<?> list -> ofList(list, name);
      case Undefined none -> throw Values.wrong("take ." + name + " of", value);
      case null, default -> Undefined.of(name);
    };
  }

  /** As in Python, a method of all maps comes before an entry of its name. */
  private static boolean isMethod(String name) {
    return List.of("items", "keys", "values", "get").contains(name);
  }

  private static Object ofMap(Map<?, ?> map, String name) {
    return switch (name) {
      case "items" -> (Function) (values, named) -> pairs(map);
      case "keys" -> (Function) (values, named) -> new ArrayList<Object>(map.keySet());
      case "values" -> (Function) (values, named) -> new ArrayList<Object>(map.values());
      case "get" ->
          (Function)
              (values, named) -> {
                if (values.isEmpty()) {
                  throw new TemplateException("get without a key");
                }
                Object otherwise = values.size() > 1 ? values.get(1) : null;
                return map.containsKey(values.getFirst()) ? map.get(values.getFirst()) : otherwise;
              };
      default -> Undefined.of(name);
    };
  }

  static List<Object> pairs(Map<?, ?> map) {
    List<Object> pairs = new ArrayList<>();
    map.forEach((key, one) -> pairs.add(Collections.unmodifiableList(both(key, one))));
    return pairs;
  }

  private static List<Object> both(Object first, Object second) {
    List<Object> both = new ArrayList<>();
    both.add(first);
    both.add(second);
    return both;
  }

  private static Object method(String text, String name) {
    return (Function)
        (values, named) -> {
          if (!named.isEmpty()) {
            throw new TemplateException("the method %s with names", name);
          }
          return Strings.call(text, name, values);
        };
  }

  @SuppressWarnings("unchecked")
  private static Object ofList(List<?> list, String name) {
    return switch (name) {
      case "append" ->
          (Function)
              (values, named) -> {
                if (!(list instanceof ArrayList)) {
                  throw new TemplateException("a list that cannot grow");
                }
                Scope.requireRoom(list.size());
                ((List<Object>) list).addAll(values);
                return null;
              };
      case "index" ->
          (Function)
              (values, named) -> {
                for (int i = 0; i < list.size(); i++) {
                  if (Values.equal(list.get(i), values.isEmpty() ? null : values.getFirst())) {
                    return (long) i;
                  }
                }
                throw new TemplateException("the index of what is not in a list");
              };
      default -> Undefined.of(name);
    };
  }

  /** {@code value[key]}. */
  static Object element(Object value, Object key) {
    return switch (value) {
      case Map<?, ?> map -> map.containsKey(key) ? map.get(key) : missing(key);
      case List<?> list when key instanceof Long -> at(list, Values.index(key));
      case String text when key instanceof Long -> at(Values.elements(text), Values.index(key));
      case Undefined none -> throw Values.wrong("take a part of", value);
      case null, default -> key instanceof String name ? attribute(value, name) : missing(key);
    };
  }

  private static Object missing(Object key) {
    return Undefined.of(Values.text(key));
  }

  private static Object at(List<?> list, int index) {
    int at = index < 0 ? index + list.size() : index;
    return at >= 0 && at < list.size() ? list.get(at) : Undefined.of("[" + index + "]");
  }

  /**
   * {@code value[from:to:step]}.
   *
   * @param from null for none, as the others
   */
  static Object slice(Object value, Object from, Object to, Object step) {
    List<Object> all = Values.elements(value);
    int by = step == null ? 1 : Values.index(step);
    if (by == 0) {
      throw new TemplateException("a slice of step 0");
    }
    int size = all.size();
    int begin = bound(from, by > 0 ? 0 : size - 1, size, by);
    int end = bound(to, by > 0 ? size : -1, size, by);
    List<Object> some = new ArrayList<>();
    for (long i = begin; by > 0 ? i < end : i > end; i += by) {
      some.add(all.get((int) i));
    }
    return value instanceof String ? Strings.join("", some) : some;
  }

  private static int bound(Object given, int otherwise, int size, int step) {
    if (given == null) {
      return otherwise;
    }
    long index = Values.index(given);
    long at = index < 0 ? index + size : index;
    return step > 0 ? Math.clamp(at, 0, size) : Math.clamp(at, -1, size - 1);
  }
}
