package io.tritmill.jobs.gguf.architecture;

import io.tritmill.kernels.model.Rope;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Whether two descriptions of models, which are records, say the same. */
final class SameFunction {
  /** Keys hold single precision. */
  private static final double TOLERANCE = 1e-6;

  private SameFunction() {}

  /** The first difference: where it is, what the other has, and what one; empty without any. */
  static Optional<String> difference(Object first, Object second) {
    Object one = divided(first);
    Object other = divided(second);
    if (Objects.equals(one, other) || near(one, other)) {
      return Optional.empty();
    }
    if (one instanceof Record && other != null && one.getClass().equals(other.getClass())) {
      return inRecord(one, other);
    }
    if (one instanceof List<?> list
        && other instanceof List<?> others
        && list.size() == others.size()) {
      return inList(list, others);
    }
    return Optional.of(" is %s, expected %s".formatted(other, one));
  }

  /** What scales frequencies as Llama 3 does is the same where it divides them alike. */
  private static Object divided(Object value) {
    return value instanceof Rope rope && rope.scaling() instanceof Rope.Llama3 scaling
        ? new Rope(
            rope.theta(),
            new Rope.Divided(RopeFactors.divisors(rope, scaling)),
            rope.size(),
            rope.interleaved(),
            rope.factor())
        : value;
  }

  private static boolean near(Object one, Object other) {
    return one instanceof Number a
        && other instanceof Number b
        && (one instanceof Double || one instanceof Float)
        && Math.abs(a.doubleValue() - b.doubleValue()) <= TOLERANCE * Math.abs(a.doubleValue());
  }

  private static Optional<String> inRecord(Object one, Object other) {
    for (RecordComponent component : one.getClass().getRecordComponents()) {
      Optional<String> found = difference(value(component, one), value(component, other));
      if (found.isPresent()) {
        String place = component.getName();
        return found.map(inside -> at(place, inside));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> inList(List<?> one, List<?> other) {
    for (int i = 0; i < one.size(); i++) {
      Optional<String> found = difference(one.get(i), other.get(i));
      if (found.isPresent()) {
        String place = "[" + i + "]";
        return found.map(inside -> at(place, inside));
      }
    }
    return Optional.empty();
  }

  private static String at(String place, String inside) {
    return place + (inside.startsWith(" ") || inside.startsWith("[") ? "" : ".") + inside;
  }

  private static Object value(RecordComponent component, Object of) {
    try {
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
