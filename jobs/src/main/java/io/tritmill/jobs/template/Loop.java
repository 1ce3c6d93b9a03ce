package io.tritmill.jobs.template;

import io.tritmill.jobs.template.Scope.Undefined;
import io.tritmill.jobs.template.Statement.End;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A loop over values.
 *
 * @param names of each value, or of its elements
 * @param values what it goes through
 * @param condition which values it takes; null for all
 * @param body of a round
 * @param otherwise what runs where there is no round
 */
record Loop(
    List<String> names,
    Expression values,
    Expression condition,
    Statement body,
    Statement otherwise)
    implements Statement {
  /**
   * Reads one.
   *
   * @param words behind its name
   * @param inside reads its body, and what runs otherwise
   */
  static Loop read(Words words, Supplier<Statement[]> inside) {
    List<String> names = new ArrayList<>();
    do {
      names.add(words.name());
    } while (words.take(","));
    words.expect("in");
    ExpressionParser expressions = new ExpressionParser(words);
    Expression values = expressions.or();
    Expression condition = words.take("if") ? expressions.expression() : null;
    words.expectEnd();
    Statement[] statements = inside.get();
    return new Loop(names, values, condition, statements[0], statements[1]);
  }

  /** Gives a value a name, or its elements several. */
  static void bind(Scope scope, List<String> names, Object value) {
    if (names.size() == 1) {
      scope.set(names.getFirst(), value);
      return;
    }
    List<Object> parts = Values.elements(value);
    if (parts.size() != names.size()) {
      throw new TemplateException("%s values for the names %s", parts.size(), names);
    }
    for (int i = 0; i < names.size(); i++) {
      scope.set(names.get(i), parts.get(i));
    }
  }

  @Override
  public End run(Scope scope, StringBuilder out) {
    List<Object> rounds = Values.elements(values.of(scope));
    if (condition != null) {
      rounds.removeIf(
          value -> {
            Scope inner = scope.inner();
            bind(inner, names, value);
            scope.step();
            return !Values.isTrue(condition.of(inner));
          });
    }
    if (rounds.isEmpty()) {
      return otherwise.run(scope, out);
    }
    for (int i = 0; i < rounds.size(); i++) {
      scope.step();
      Scope inner = scope.inner();
      inner.set("loop", state(rounds, i));
      bind(inner, names, rounds.get(i));
      if (body.run(inner, out) == End.BREAK) {
        break;
      }
    }
    return End.ON;
  }

  private static Map<String, Object> state(List<Object> rounds, int i) {
    Map<String, Object> state = new LinkedHashMap<>();
    int count = rounds.size();
    state.put("index", i + 1L);
    state.put("index0", (long) i);
    state.put("revindex", (long) count - i);
    state.put("revindex0", count - i - 1L);
    state.put("first", i == 0);
    state.put("last", i == count - 1);
    state.put("length", (long) count);
    state.put("previtem", i == 0 ? Undefined.of("previtem") : rounds.get(i - 1));
    state.put("nextitem", i == count - 1 ? Undefined.of("nextitem") : rounds.get(i + 1));
    return state;
  }
}
