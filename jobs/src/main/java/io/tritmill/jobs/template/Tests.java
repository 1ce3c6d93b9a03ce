package io.tritmill.jobs.template;

import io.tritmill.jobs.template.Scope.Function;
import io.tritmill.jobs.template.Scope.Undefined;
import java.util.List;
import java.util.Map;

/** Tests: what stands behind {@code is}. */
final class Tests {
  private Tests() {}

  /**
   * Whether a value passes one.
   *
   * @param values of the test
   */
  static boolean passes(String name, Object value, List<Object> values) {
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == null;
      case "boolean" -> value instanceof Boolean;
      case "true" -> Boolean.TRUE.equals(value);
      case "false" -> Boolean.FALSE.equals(value);
      case "string" -> value instanceof String;
      case "integer" -> value instanceof Long;
      case "float" -> value instanceof Double;
      case "number" -> Values.number(value);
      case "mapping" -> value instanceof Map;
      case "sequence" -> value instanceof List || value instanceof String || value instanceof Map;
      case "iterable" ->
          value instanceof List
              || value instanceof String
              || value instanceof Map
              || value instanceof Undefined;
      case "callable" -> value instanceof Function;
      case "odd" -> Math.floorMod(Values.whole(value), 2) == 1;
      case "even" -> Math.floorMod(Values.whole(value), 2) == 0;
      case "divisibleby" -> Values.whole(value) % Math.max(1, Values.whole(other(values))) == 0;
      case "equalto", "eq", "==", "sameas" -> Values.equal(value, other(values));
      case "ne", "!=" -> !Values.equal(value, other(values));
      case "gt", "greaterthan", ">" -> Values.compare(value, other(values)) > 0;
      case "ge", ">=" -> Values.compare(value, other(values)) >= 0;
      case "lt", "lessthan", "<" -> Values.compare(value, other(values)) < 0;
      case "le", "<=" -> Values.compare(value, other(values)) <= 0;
      case "in" -> Values.contains(other(values), value);
      default -> throw new TemplateException("the test %s", name);
    };
  }

  private static Object other(List<Object> values) {
    if (values.isEmpty()) {
      throw new TemplateException("a test without the value that it needs");
    }
    return values.getFirst();
  }
}
