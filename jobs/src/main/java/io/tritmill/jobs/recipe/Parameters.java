package io.tritmill.jobs.recipe;

import io.tritmill.kernels.quantize.Default;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Records from YAML mappings and back: keys are the components in snake case, and a component with
 * a {@link Default} may be left out, as may an optional number, which then is not written either.
 */
final class Parameters {
  private Parameters() {}

  /**
   * Makes a record.
   *
   * @param values its mapping, called as the record is; empty for every default
   * @throws io.tritmill.jobs.failure.BadInputException if a key is unknown, a value is missing or
   *     of another type, or the record refuses the values
   */
  static <R extends Record> R read(Class<R> type, YamlValue values) {
    List<String> keys = Arrays.stream(type.getRecordComponents()).map(Parameters::key).toList();
    return fill(type, values.absent() ? Map.of() : values.map("parameter", keys), values);
  }

  /** Makes a record of defaults, for a word that stands alone. */
  static <R extends Record> R defaults(Class<R> type, YamlValue word) {
    return fill(type, Map.of(), word);
  }

  private static <R extends Record> R fill(
      Class<R> type, Map<String, YamlValue> given, YamlValue place) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < arguments.length; i++) {
      Class<?> component = components[i].getType();
      Default otherwise = components[i].getAnnotation(Default.class);
      String key = key(components[i]);
      if (given.containsKey(key)) {
        arguments[i] = given.get(key).as(component);
      } else if (component == OptionalDouble.class) {
        arguments[i] = OptionalDouble.empty();
      } else {
        arguments[i] =
            otherwise == null
                ? place.require(given, key)
                : Scalars.parse(component, otherwise.value());
      }
    }
    return make(type, arguments, place);
  }

  private static <R extends Record> R make(Class<R> type, Object[] arguments, YamlValue place) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      return type.getConstructor(types).newInstance(arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refusal) {
        throw place.mistake("%s: %s", place.what(), refusal.getMessage());
      }
      throw new IllegalStateException(type + " cannot be made", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " has no public canonical constructor", e);
    }
  }

  /** The components of a record as a recipe writes them, in order. */
  static Map<String, String> write(Record values) {
    Map<String, String> written = new LinkedHashMap<>();
    for (RecordComponent component : values.getClass().getRecordComponents()) {
      try {
        Object value = component.getAccessor().invoke(values);
        if (!OptionalDouble.empty().equals(value)) {
          written.put(key(component), Scalars.write(value));
        }
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(values + " cannot be read", e);
      }
    }
    return written;
  }

  private static String key(RecordComponent component) {
    return Stages.snakeCase(component.getName());
  }
}
