package io.tritmill.jobs.gguf;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The values of a header by their keys, each held to its kind.
 *
 * @param file for messages
 */
public record GgufKeys(String file, Map<String, Object> values) {
  /** Whether there is one. */
  public boolean has(String key) {
    return values.containsKey(key);
  }

  /**
   * A whole number that must be there, from 0 on.
   *
   * @throws BadInputException if it is none, or not within 31 bits
   */
  public int whole(String key) {
    return optionalWhole(key).orElseThrow(() -> missing(key));
  }

  /** The same where it may be missing. */
  public Optional<Integer> optionalWhole(String key) {
    Object value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Number number
        && !(value instanceof Float)
        && !(value instanceof Double)
        && number.longValue() >= 0
        && number.longValue() <= Integer.MAX_VALUE) {
      return Optional.of(number.intValue());
    }
    throw wrong(key, "a whole number below 2^31");
  }

  /** A number, as short as its single precision allows. */
  public Optional<Double> decimal(String key) {
    Object value = values.get(key);
    return switch (value) {
      case null -> Optional.empty();
      case Float f when Float.isFinite(f) -> Optional.of(Double.parseDouble(Float.toString(f)));
      case Float f -> throw wrong(key, "a finite number");
      case Number number -> Optional.of(number.doubleValue());
      default -> throw wrong(key, "a number");
    };
  }

  /** A string. */
  public Optional<String> text(String key) {
    Object value = values.get(key);
    if (value == null || value instanceof String) {
      return Optional.ofNullable((String) value);
    }
    throw wrong(key, "a string");
  }

  /** A truth value. */
  public boolean flag(String key, boolean otherwise) {
    Object value = values.get(key);
    if (value == null || value instanceof Boolean) {
      return value == null ? otherwise : (Boolean) value;
    }
    throw wrong(key, "true or false");
  }

  /** An array whose elements are all of a class. */
  public <T> List<T> array(String key, Class<T> of, String expected) {
    Object value = values.get(key);
    if (value == null) {
      throw missing(key);
    }
    if (value instanceof GgufArray array
        && array.whole()
        && array.elements().stream().allMatch(of::isInstance)) {
      return array.elements().stream().map(of::cast).toList();
    }
    throw wrong(key, expected);
  }

  /** What is said where one is missing. */
  public BadInputException missing(String key) {
    return BadInputException.broken(
        "%s: has no %s, expected one in the header of a model; convert it again with a current"
            + " llama.cpp",
        file, key);
  }

  private BadInputException wrong(String key, String expected) {
    Object value = values.get(key);
    String shown = value instanceof GgufArray array ? array.shown() : String.valueOf(value);
    return BadInputException.broken(
        "%s: %s is %s, expected %s", file, key, Printable.of(shown, 100), expected);
  }
}
