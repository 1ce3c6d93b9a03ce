package io.tritmill.jobs.gguf.architecture;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Whether two descriptions of models, which are records, say the same. */
final class SameFunction {
  /** Keys hold single precision. */
  private static final double TOLERANCE = 1e-6;

  private SameFunction() {}

  /** The first difference: where it is, what one has, and what the other; empty without any. */
  static Optional<String> difference(Object one, Object other) {
    return difference("", one, other);
  }

  private static Optional<String> difference(String place, Object one, Object other) {
    if (one instanceof Double || one instanceof Float) {
      double a = ((Number) one).doubleValue();
      double b = other instanceof Number number ? number.doubleValue() : Double.NaN;
      boolean same = Math.abs(a - b) <= TOLERANCE * Math.abs(a);
      return same ? Optional.empty() : differ(place, one, other);
    }
    if (one instanceof List<?> list
        && other instanceof List<?> second
        && list.size() == second.size()) {
      return IntStream.range(0, list.size())
          .mapToObj(i -> difference(place + "[" + i + "]", list.get(i), second.get(i)))
          .flatMap(Optional::stream)
          .findFirst();
    }
    if (one instanceof Record && other != null && one.getClass().equals(other.getClass())) {
      for (RecordComponent component : one.getClass().getRecordComponents()) {
        Optional<String> found =
            difference(
                (place.isEmpty() ? "" : place + ".") + component.getName(),
                value(component, one),
                value(component, other));
        if (found.isPresent()) {
          return found;
        }
      }
      return Optional.empty();
    }
    boolean same = one == null ? other == null : one.equals(other);
    return same ? Optional.empty() : differ(place, one, other);
  }

  private static Optional<String> differ(String place, Object one, Object other) {
    return Optional.of("%s is %s, expected %s".formatted(place, other, one));
  }

  private static Object value(RecordComponent component, Object of) {
    try {
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
