package io.tritmill.jobs.template;

import io.tritmill.jobs.template.Scope.Undefined;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** What operators do with values, as Python does it. */
final class Values {
  private Values() {}

  static boolean isTrue(Object value) {
    return switch (value) {
      case null -> false;
      case Undefined none -> false;
      case Boolean one -> one;
      case Long one -> one != 0;
      case Double one -> one != 0;
      case String one -> !one.isEmpty();
      case List<?> one -> !one.isEmpty();
      case Map<?, ?> one -> !one.isEmpty();
      default -> true;
    };
  }

  /** What is shown of a value. */
  static String text(Object value) {
    return switch (value) {
      case Undefined none -> "";
      case String one -> one;
      case null, default -> shown(value);
    };
  }

  /** A value inside a list or a map. */
  static String shown(Object value) {
    return switch (value) {
      case null -> "None";
      case Boolean one -> one ? "True" : "False";
      case String one ->
          "'" + one.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'";
      case List<?> one ->
          one.stream().map(Values::shown).collect(Collectors.joining(", ", "[", "]"));
      case Map<?, ?> one ->
          one.entrySet().stream()
              .map(entry -> shown(entry.getKey()) + ": " + shown(entry.getValue()))
              .collect(Collectors.joining(", ", "{", "}"));
      case Undefined none -> "";
      case Scope.Function one -> "<function>";
      default -> String.valueOf(value);
    };
  }

  /** The elements of what can be gone through. */
  static List<Object> elements(Object value) {
    return switch (value) {
      case List<?> one -> new ArrayList<>(one);
      case Map<?, ?> one -> new ArrayList<>(one.keySet());
      case String one ->
          one.codePoints().mapToObj(Character::toString).collect(Collectors.toList());
      case Undefined none -> new ArrayList<>();
      case null, default -> throw wrong("go through", value);
    };
  }

  static int length(Object value) {
    return switch (value) {
      case List<?> one -> one.size();
      case Map<?, ?> one -> one.size();
      case String one -> one.codePointCount(0, one.length());
      case Undefined none -> 0;
      case null, default -> throw wrong("count", value);
    };
  }

  static boolean equal(Object a, Object b) {
    if (number(a) && number(b)) {
      return Double.compare(decimal(a), decimal(b)) == 0;
    }
    if (a instanceof Undefined || b instanceof Undefined) {
      return a instanceof Undefined && b instanceof Undefined;
    }
    return Objects.equals(a, b);
  }

  static int compare(Object a, Object b) {
    if (number(a) && number(b)) {
      return Double.compare(decimal(a), decimal(b));
    }
    if (a instanceof String one && b instanceof String other) {
      return one.compareTo(other);
    }
    throw wrong("order", number(a) || a instanceof String ? b : a);
  }

  static boolean contains(Object container, Object value) {
    return switch (container) {
      case String one -> value instanceof String part && one.contains(part);
      case Map<?, ?> one -> one.containsKey(value);
      case Undefined none -> false;
      case null, default -> elements(container).stream().anyMatch(one -> equal(one, value));
    };
  }

  static boolean number(Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  private static double decimal(Object value) {
    return value instanceof Boolean one ? (one ? 1 : 0) : ((Number) value).doubleValue();
  }

  static long whole(Object value) {
    return switch (value) {
      case Long one -> one;
      case Boolean one -> one ? 1 : 0;
      case null, default -> throw wrong("count with", value);
    };
  }

  static int index(Object value) {
    return Math.clamp(whole(value), Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  static Object calculate(String operator, Object a, Object b) {
    if (operator.equals("+") && a instanceof String one && b instanceof String other) {
      Scope.requireRoom((long) one.length() + other.length());
      return one + other;
    }
    if (operator.equals("+") && a instanceof List<?> one && b instanceof List<?> other) {
      List<Object> both = new ArrayList<>(one);
      both.addAll(other);
      Scope.requireRoom(both.size());
      return both;
    }
    if (operator.equals("*") && a instanceof String one && b instanceof Long times) {
      long count = Math.max(0, times);
      Scope.requireRoom(count > Integer.MAX_VALUE ? count : one.length() * count);
      return one.repeat((int) count);
    }
    if (!number(a) || !number(b)) {
      throw wrong(operator, number(a) ? b : a);
    }
    boolean whole = !(a instanceof Double) && !(b instanceof Double);
    try {
      return whole && !operator.equals("/")
          ? wholes(operator, whole(a), whole(b))
          : (Object) decimals(operator, decimal(a), decimal(b));
    } catch (ArithmeticException e) {
      throw new TemplateException("%s %s %s, which has no value", shown(a), operator, shown(b));
    }
  }

  private static Object wholes(String operator, long a, long b) {
    return switch (operator) {
      case "+" -> Math.addExact(a, b);
      case "-" -> Math.subtractExact(a, b);
      case "*" -> Math.multiplyExact(a, b);
      case "//" -> Math.floorDiv(a, b);
      case "%" -> Math.floorMod(a, b);
      default -> throw new TemplateException("the operator %s between whole numbers", operator);
    };
  }

  private static double decimals(String operator, double a, double b) {
    if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw new ArithmeticException();
    }
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / b;
      case "//" -> Math.floor(a / b);
      case "%" -> a - b * Math.floor(a / b);
      default -> throw new TemplateException("the operator %s between numbers", operator);
    };
  }

  static TemplateException wrong(String what, Object value) {
    return value instanceof Undefined none
        ? new TemplateException("nothing called %s to %s", none.name(), what)
        : new TemplateException("no way to %s %s", what, kind(value));
  }

  private static String kind(Object value) {
    return switch (value) {
      case null -> "None";
      case Boolean one -> "a boolean";
      case Long one -> "a number";
      case Double one -> "a number";
      case String one -> "a text";
      case List<?> one -> "a list";
      case Map<?, ?> one -> "a map";
      default -> "a function";
    };
  }
}
