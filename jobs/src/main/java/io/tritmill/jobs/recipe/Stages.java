package io.tritmill.jobs.recipe;

import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.Stage;
import io.tritmill.kernels.quantize.WrappedMethod;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Stages by name: the public records of {@code io.tritmill.kernels.quantize} and its rooms under
 * their class names in snake case, and records of other packages under their full class names.
 *
 * <p>There is no list to edit: the known names are read from where the packages lie.
 */
final class Stages {
  private static final String HOME = Quantizer.class.getPackageName();
  private static final String CLASS = ".class";

  /** Read when a stage is looked up first; by short name. */
  private static final class Known {
    static final NavigableMap<String, Class<? extends Record>> BY_NAME = scan();
  }

  private static final ClassValue<String> NAMES =
      new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> type) {
          String shortName = snakeCase(type.getSimpleName());
          return Known.BY_NAME.get(shortName) == type ? shortName : type.getName();
        }
      };

  private Stages() {}

  /**
   * Which classes may stand in a list of stages: those of a new kind of stage join here. What a
   * stage makes of a method may not.
   */
  private static Optional<Class<? extends Record>> asStage(Class<?> type) {
    boolean stage =
        type.isRecord()
            && Modifier.isPublic(type.getModifiers())
            && !WrappedMethod.class.isAssignableFrom(type)
            && (Quantizer.class.isAssignableFrom(type) || Stage.class.isAssignableFrom(type));
    return stage ? Optional.of(type.asSubclass(Record.class)) : Optional.empty();
  }

  /**
   * Makes one method of a list of stages: the last one rounds, and each of the others wraps what
   * stands to its right.
   *
   * @throws IllegalArgumentException if they do not go together
   */
  static Quantizer compose(List<Record> stages) {
    if (!(stages.getLast() instanceof Quantizer method)) {
      throw new IllegalArgumentException(
          "stages ends with %s, expected a method that rounds, such as ptqtp, after it"
              .formatted(name(stages.getLast().getClass())));
    }
    for (Record wrapper : stages.subList(0, stages.size() - 1).reversed()) {
      if (!(wrapper instanceof Stage stage)) {
        throw new IllegalArgumentException(
            "stages has %s, which rounds, before its end; only the last stage rounds"
                .formatted(name(wrapper.getClass())));
      }
      if (stage.outermost() && wrapper != stages.getFirst()) {
        throw new IllegalArgumentException(
            "stages has %s after other stages; it changes what all of them are told and stands first"
                .formatted(name(wrapper.getClass())));
      }
      method = stage.around(method);
    }
    method.levels(); // refuses parameters that make none
    return method;
  }

  /**
   * The record that a recipe calls so, or empty if there is none.
   *
   * @throws IllegalArgumentException if there is a class of this full name that is no stage
   */
  static Optional<Class<? extends Record>> find(String name) {
    return name.indexOf('.') < 0 ? Optional.ofNullable(Known.BY_NAME.get(name)) : elsewhere(name);
  }

  private static Optional<Class<? extends Record>> elsewhere(String className) {
    try {
      ClassLoader context = Thread.currentThread().getContextClassLoader();
      ClassLoader loader = context == null ? Stages.class.getClassLoader() : context;
      Class<?> type = Class.forName(className, false, loader);
      return Optional.of(
          asStage(type)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "class %s is no public record that implements %s or %s"
                              .formatted(
                                  YamlValue.shown(className),
                                  Quantizer.class.getName(),
                                  Stage.class.getName()))));
    } catch (ClassNotFoundException | LinkageError e) {
      return Optional.empty();
    }
  }

  /** What a recipe calls a stage. */
  static String name(Class<?> type) {
    return NAMES.get(type);
  }

  /** The stages that have short names, in alphabetical order. */
  static List<String> known() {
    return List.copyOf(Known.BY_NAME.keySet());
  }

  /** {@code maxIterations} and {@code MaxIterations} as {@code max_iterations}. */
  static String snakeCase(String camelCase) {
    return camelCase.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }

  private static NavigableMap<String, Class<? extends Record>> scan() {
    NavigableMap<String, Class<? extends Record>> found = new TreeMap<>();
    for (String file : ClassPathFolder.paths(Quantizer.class, HOME.replace('.', '/'))) {
      if (file.endsWith(CLASS) && file.indexOf('$') < 0 && !file.endsWith("package-info.class")) {
        asStage(load(file.substring(0, file.length() - CLASS.length()).replace('/', '.')))
            .ifPresent(type -> add(type, found));
      }
    }
    return found;
  }

  private static void add(
      Class<? extends Record> type, NavigableMap<String, Class<? extends Record>> found) {
    Class<?> other = found.put(snakeCase(type.getSimpleName()), type);
    if (other != null) {
      throw new IllegalStateException(
          "%s and %s have one name in recipes".formatted(other.getName(), type.getName()));
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(HOME + "." + name, false, Quantizer.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
