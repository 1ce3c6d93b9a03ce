package io.tritmill.jobs.recipe;

import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * The values that stand between commas in a recipe, as text and back.
 *
 * <p>Types: int, long, float, double, optional double, boolean, String, enums (lower-case), and any
 * public type with a static {@code parse(String)} that reads what its {@code toString} writes.
 * Numbers and words are those of YAML 1.2: {@code yes} and {@code on} are text, numbers are decimal
 * and finite.
 */
final class Scalars {
  private static final Pattern WHOLE = Pattern.compile("[-+]?[0-9]{1,100}+");
  private static final Pattern DECIMAL =
      Pattern.compile(
          "[-+]?(?:\\.[0-9]{1,400}+|[0-9]{1,400}+(?:\\.[0-9]{0,400}+)?)(?:[eE][-+]?[0-9]{1,9}+)?");
  private static final Pattern BARE_WORD = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,99}+");
  // Words that some YAML reader takes for a truth value, nothing or a number.
  private static final List<String> RESERVED =
      List.of("true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf");

  private Scalars() {}

  /** Whether plain text means nothing. */
  static boolean plainNull(String text) {
    return text.isEmpty() || text.equals("~") || text.equalsIgnoreCase("null");
  }

  /** Whether plain text means a number or a truth value. */
  static boolean plainNumberOrFlag(String text) {
    return DECIMAL.matcher(text).matches()
        || text.equalsIgnoreCase("true")
        || text.equalsIgnoreCase("false");
  }

  /** What a value of this type looks like. */
  static String expected(Class<?> type) {
    if (type == int.class || type == long.class) {
      return "a whole number";
    }
    if (type == float.class || type == double.class || type == OptionalDouble.class) {
      return "a number";
    }
    if (type == boolean.class) {
      return "true or false";
    }
    if (type.isEnum()) {
      return "one of "
          + String.join(", ", Arrays.stream(type.getEnumConstants()).map(Scalars::write).toList());
    }
    return type == String.class ? "text" : "a " + type.getSimpleName().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException if the text is none of this type; the message says what was
   *     expected
   * @throws IllegalStateException if recipes cannot write this type
   */
  static <T> T parse(Class<T> type, String text) {
    @SuppressWarnings("unchecked")
    Class<T> boxed = (Class<T>) MethodType.methodType(type).wrap().returnType();
    return boxed.cast(parseBoxed(type, text));
  }

  private static Object parseBoxed(Class<?> type, String text) {
    if (type == int.class) {
      return (int) whole(text, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
    if (type == long.class) {
      return whole(text, Long.MIN_VALUE, Long.MAX_VALUE);
    }
    if (type == float.class) {
      float value = Float.parseFloat(decimal(text));
      return requireFinite(value, value);
    }
    if (type == double.class) {
      double value = Double.parseDouble(decimal(text));
      return requireFinite(value, value);
    }
    if (type == OptionalDouble.class) {
      return OptionalDouble.of(parse(double.class, text));
    }
    if (type == boolean.class) {
      if (!text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
        throw new IllegalArgumentException(expected(type));
      }
      return text.equalsIgnoreCase("true");
    }
    if (type == String.class) {
      return text;
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .filter(constant -> write(constant).equals(text))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException(expected(type)));
    }
    return parseOther(type, text);
  }

  private static long whole(String text, long least, long most) {
    if (!WHOLE.matcher(text).matches()) {
      throw new IllegalArgumentException("a whole number");
    }
    BigInteger value = new BigInteger(text);
    if (value.compareTo(BigInteger.valueOf(least)) < 0
        || value.compareTo(BigInteger.valueOf(most)) > 0) {
      throw new IllegalArgumentException("a whole number from %d to %d".formatted(least, most));
    }
    return value.longValue();
  }

  private static String decimal(String text) {
    if (!DECIMAL.matcher(text).matches()) {
      throw new IllegalArgumentException("a number");
    }
    return text;
  }

  private static <T> T requireFinite(T boxed, double value) {
    if (Double.isInfinite(value)) {
      throw new IllegalArgumentException("a smaller number");
    }
    return boxed;
  }

  private static Object parseOther(Class<?> type, String text) {
    try {
      Method parse = type.getMethod("parse", String.class);
      if (!Modifier.isStatic(parse.getModifiers()) || parse.getReturnType() != type) {
        throw new NoSuchMethodException("no static " + parse);
      }
      return parse.invoke(null, text);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refusal) {
        throw refusal;
      }
      throw new IllegalStateException(type + " cannot parse " + text, e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Recipes cannot write values of " + type, e);
    }
  }

  /** Whether this class itself knows the type, so that its refusals say what was expected. */
  static boolean builtIn(Class<?> type) {
    return type.isPrimitive()
        || type == String.class
        || type == OptionalDouble.class
        || type.isEnum();
  }

  /** Writes a value so that {@link #parse} and every YAML reader give it back. */
  static String write(Object value) {
    return switch (value) {
      case Float number -> exponentSigned(number.toString());
      case Double number -> exponentSigned(number.toString());
      case OptionalDouble number -> write(number.getAsDouble());
      case Boolean flag -> flag.toString();
      case Integer number -> number.toString();
      case Long number -> number.toString();
      case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT);
      case String text -> text(text);
      default -> other(value.toString());
    };
  }

  private static String exponentSigned(String number) {
    return number.replaceFirst("E(?=[0-9])", "E+");
  }

  private static String other(String text) {
    return WHOLE.matcher(text).matches() ? text : text(text);
  }

  private static String text(String text) {
    boolean bare =
        BARE_WORD.matcher(text).matches() && !RESERVED.contains(text.toLowerCase(Locale.ROOT));
    return bare ? text : quoted(text);
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                out.append('\\').appendCodePoint(c);
              } else if (c >= ' ' && c < 0x7f) {
                out.appendCodePoint(c);
              } else {
                out.append("\\U%08x".formatted(c));
              }
            });
    return out.append('"').toString();
  }
}
