package io.tritmill.kernels.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A checkpoint's config.json as typed values; a value of the wrong type is an {@link
 * IllegalArgumentException} that names the key.
 *
 * @param values parsed JSON object: strings, numbers, booleans, lists, maps, nulls
 */
public record ConfigValues(Map<String, Object> values) {
  /** A whole number that must be there. */
  public int integer(String key) {
    return number(key)
        .map(n -> whole(key, n))
        .orElseThrow(
            () -> new IllegalArgumentException(key + " is missing, expected a whole number"));
  }

  /** A whole number, or the given one where it is absent or null. */
  public int integer(String key, int otherwise) {
    return number(key).map(n -> whole(key, n)).orElse(otherwise);
  }

  /** A number, or the given one where it is absent or null. */
  public double decimal(String key, double otherwise) {
    return number(key).map(Number::doubleValue).orElse(otherwise);
  }

  /** A truth value, or the given one where it is absent or null. */
  public boolean flag(String key, boolean otherwise) {
    Object value = values.get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw unexpected(key, value, "true or false");
  }

  /** A string, or empty where it is absent or null. */
  public Optional<String> text(String key) {
    Object value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String text) {
      return Optional.of(text);
    }
    throw unexpected(key, value, "a string");
  }

  /** An object inside this one, or empty where it is absent or null. */
  public Optional<ConfigValues> object(String key) {
    Object value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Map<?, ?> map) {
      @SuppressWarnings("unchecked")
      Map<String, Object> typed = (Map<String, Object>) map;
      return Optional.of(new ConfigValues(typed));
    }
    throw unexpected(key, value, "an object");
  }

  private Optional<Number> number(String key) {
    Object value = values.get(key);
    if (value instanceof List<?> list && !list.isEmpty()) {
      value = list.getFirst();
    }
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Number number) {
      return Optional.of(number);
    }
    throw unexpected(key, value, "a number");
  }

  private static int whole(String key, Number number) {
    if (number.doubleValue() != number.intValue()) {
      throw unexpected(key, number, "a whole number below 2^31");
    }
    return number.intValue();
  }

  private static IllegalArgumentException unexpected(String key, Object found, String expected) {
    return new IllegalArgumentException("%s is %s, expected %s".formatted(key, found, expected));
  }
}
