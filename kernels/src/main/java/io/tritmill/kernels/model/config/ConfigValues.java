package io.tritmill.kernels.model.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A checkpoint's config.json as typed values; a value of the wrong type, or a number outside its
 * domain, is an {@link IllegalArgumentException} that names the key.
 *
 * @param values parsed JSON object: strings, numbers, booleans, lists, maps, nulls
 */
public record ConfigValues(Map<String, Object> values) {
  /** Whether there is such a key, be it null. */
  public boolean has(String key) {
    return values.containsKey(key);
  }

  /** A whole number, or the given one where it is absent. */
  public int integer(String key, int absent) {
    return has(key) ? whole(key) : absent;
  }

  /** A whole number, or one of those given where it is absent or null. */
  public int integer(String key, int absent, int ifNull) {
    return has(key) && values.get(key) == null ? ifNull : integer(key, absent);
  }

  /** A number, or the given one where it is absent. */
  public double decimal(String key, double absent) {
    return has(key) ? decimal(key) : absent;
  }

  /** A number that must be there. */
  public double decimal(String key) {
    if (!has(key)) {
      throw new IllegalArgumentException(
          "%s is missing, expected %s".formatted(key, NumberDomain.of(key).expected()));
    }
    return number(key).doubleValue();
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

  /**
   * A list of numbers that must be there.
   *
   * @throws IllegalArgumentException if it is missing or has other elements
   */
  public List<Double> decimals(String key) {
    return elements(key, "a list of numbers", Number.class).stream()
        .map(Number::doubleValue)
        .toList();
  }

  /** The same without a key. */
  public ConfigValues without(String key) {
    Map<String, Object> others = new HashMap<>(values);
    others.remove(key);
    return new ConfigValues(others);
  }

  /** A list of strings, or empty where it is absent or null. */
  public Optional<List<String>> texts(String key) {
    return values.get(key) == null
        ? Optional.empty()
        : Optional.of(elements(key, "a list of strings", String.class));
  }

  /** A list of whole numbers, or empty where it is absent or null. */
  public Optional<List<Integer>> integers(String key) {
    return values.get(key) == null
        ? Optional.empty()
        : Optional.of(
            elements(key, "a list of whole numbers", Number.class).stream()
                .map(Number::intValue)
                .toList());
  }

  private <T> List<T> elements(String key, String expected, Class<T> type) {
    if (!(values.get(key) instanceof List<?> list) || !list.stream().allMatch(type::isInstance)) {
      throw unexpected(key, values.get(key), expected);
    }
    return list.stream().map(type::cast).toList();
  }

  private int whole(String key) {
    Number number = number(key);
    if (number.doubleValue() != number.intValue()) {
      throw unexpected(key, number, "a whole number below 2^31");
    }
    return number.intValue();
  }

  private Number number(String key) {
    NumberDomain domain = NumberDomain.of(key);
    if (!(values.get(key) instanceof Number number)) {
      throw unexpected(key, values.get(key), "a number");
    }
    if (!domain.holds().test(number.doubleValue())) {
      throw unexpected(key, number, domain.expected());
    }
    return number;
  }

  private static IllegalArgumentException unexpected(String key, Object found, String expected) {
    return new IllegalArgumentException("%s is %s, expected %s".formatted(key, found, expected));
  }
}
