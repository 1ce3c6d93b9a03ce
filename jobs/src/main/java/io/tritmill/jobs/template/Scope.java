package io.tritmill.jobs.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Names and what they stand for, and how much a template may still do. */
final class Scope {
  /** Steps of a rendering: far more than any chat needs. */
  private static final int STEPS = 20_000_000;

  private static final int CHARACTERS = 1 << 26;
  private static final int DEPTH = 64;

  private final Scope outer;
  private final Map<String, Object> names = new HashMap<>();
  private final Budget budget;
  private final int depth;

  private static final class Budget {
    private int steps = STEPS;
  }

  /** The outermost. */
  Scope(Map<String, Object> names) {
    outer = null;
    budget = new Budget();
    depth = 0;
    this.names.putAll(names);
  }

  private Scope(Scope outer) {
    this.outer = outer;
    budget = outer.budget;
    depth = outer.depth + 1;
    if (depth > DEPTH) {
      throw new TemplateException("more than %d loops and macros inside one another", DEPTH);
    }
  }

  /** One inside it, whose own names end with it. */
  Scope inner() {
    return new Scope(this);
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      if (scope.names.containsKey(name)) {
        return scope.names.get(name);
      }
    }
    return Undefined.of(name);
  }

  void set(String name, Object value) {
    names.put(name, value);
  }

  /** Counts a step. */
  void step() {
    if (--budget.steps < 0) {
      throw new TemplateException("more steps than %d", STEPS);
    }
  }

  /** Adds to what is written. */
  static void write(StringBuilder out, String text) {
    requireRoom((long) out.length() + text.length());
    out.append(text);
  }

  /** Requires that a text of so many characters is no bigger than anything real. */
  static void requireRoom(long characters) {
    if (characters > CHARACTERS) {
      throw new TemplateException("texts of more than %d characters", CHARACTERS);
    }
  }

  /** A value that can be called. */
  interface Function {
    Object call(List<Object> values, Map<String, Object> named);
  }

  /** What a name stands for that nothing was said of. */
  record Undefined(String name) {
    static Undefined of(String name) {
      return new Undefined(name);
    }
  }
}
