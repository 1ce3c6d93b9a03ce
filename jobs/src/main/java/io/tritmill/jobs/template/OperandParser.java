package io.tritmill.jobs.template;

import io.tritmill.jobs.template.Scope.Function;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads what stands between operators: values, what is taken out of them, calls, filters, tests.
 */
final class OperandParser {
  private final Words words;
  private final ExpressionParser whole;

  /**
   * @param whole reads what stands in brackets
   */
  OperandParser(Words words, ExpressionParser whole) {
    this.words = words;
    this.whole = whole;
  }

  /** A value, with what is taken out of it or called. */
  Expression operand() {
    return postfix(primary());
  }

  private Expression primary() {
    Token token = words.next();
    return switch (token.kind()) {
      case TEXT -> text(token.text());
      case INTEGER -> constant(number(token.text()));
      case FLOAT -> constant(Double.parseDouble(token.text()));
      case NAME -> name(token.text());
      case OPERATOR -> bracket(token.text());
      case END -> throw new TemplateException("a tag that ends where a value was expected");
    };
  }

  /** Texts that follow one another are one. */
  private Expression text(String first) {
    StringBuilder all = new StringBuilder(first);
    while (words.peek().kind() == Token.Kind.TEXT) {
      all.append(words.next().text());
    }
    return constant(all.toString());
  }

  private static Object number(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw new TemplateException("the number %s", digits);
    }
  }

  private static Expression constant(Object value) {
    return scope -> value;
  }

  private static Expression name(String name) {
    return switch (name) {
      case "true", "True" -> constant(true);
      case "false", "False" -> constant(false);
      case "none", "None" -> constant(null);
      default -> scope -> scope.get(name);
    };
  }

  private Expression bracket(String open) {
    switch (open) {
      case "(" -> {
        if (words.take(")")) {
          return list(List.of());
        }
        Expression first = whole.expression();
        if (words.take(")")) {
          return first;
        }
        words.expect(",");
        List<Expression> all = new ArrayList<>(List.of(first));
        all.addAll(upTo(")"));
        return list(all);
      }
      case "[" -> {
        return list(upTo("]"));
      }
      case "{" -> {
        return map();
      }
      default -> throw new TemplateException("%s, where a value was expected", open);
    }
  }

  private List<Expression> upTo(String close) {
    List<Expression> all = new ArrayList<>();
    while (!words.take(close)) {
      all.add(whole.expression());
      if (!words.peek().is(close)) {
        words.expect(",");
      }
    }
    return all;
  }

  static Expression list(List<Expression> all) {
    return scope -> {
      List<Object> list = new ArrayList<>();
      all.forEach(one -> list.add(one.of(scope)));
      return list;
    };
  }

  private Expression map() {
    Map<Expression, Expression> entries = new LinkedHashMap<>();
    while (!words.take("}")) {
      Expression key = whole.expression();
      words.expect(":");
      entries.put(key, whole.expression());
      if (!words.peek().is("}")) {
        words.expect(",");
      }
    }
    return scope -> {
      Map<Object, Object> map = new LinkedHashMap<>();
      entries.forEach((key, value) -> map.put(key.of(scope), value.of(scope)));
      return map;
    };
  }

  private Expression postfix(Expression first) {
    Expression value = first;
    while (true) {
      Expression of = value;
      if (words.take(".")) {
        Token part = words.next();
        Object key = part.kind() == Token.Kind.INTEGER ? number(part.text()) : part.text();
        if (part.kind() != Token.Kind.NAME && part.kind() != Token.Kind.INTEGER) {
          throw new TemplateException("%s behind a point", part.text());
        }
        value =
            key instanceof String name
                ? scope -> Lookup.attribute(of.of(scope), name)
                : scope -> Lookup.element(of.of(scope), key);
      } else if (words.take("[")) {
        value = subscript(of);
      } else if (words.take("(")) {
        Arguments arguments = arguments();
        value = scope -> call(of.of(scope), arguments, scope);
      } else {
        return value;
      }
    }
  }

  private Expression subscript(Expression of) {
    Expression[] parts = {constant(null), constant(null), constant(null)};
    int colons = 0;
    while (!words.take("]")) {
      if (words.take(":")) {
        colons++;
      } else {
        parts[Math.min(colons, 2)] = whole.expression();
      }
    }
    return colons == 0
        ? scope -> Lookup.element(of.of(scope), parts[0].of(scope))
        : scope ->
            Lookup.slice(of.of(scope), parts[0].of(scope), parts[1].of(scope), parts[2].of(scope));
  }

  /** What a function is called with. */
  private record Arguments(List<Expression> values, Map<String, Expression> named) {
    List<Object> values(Scope scope) {
      List<Object> all = new ArrayList<>();
      values.forEach(one -> all.add(one.of(scope)));
      return all;
    }

    Map<String, Object> named(Scope scope) {
      Map<String, Object> all = new LinkedHashMap<>();
      named.forEach((name, one) -> all.put(name, one.of(scope)));
      return all;
    }
  }

  private Arguments arguments() {
    List<Expression> values = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    while (!words.take(")")) {
      if (words.peek().kind() == Token.Kind.NAME && words.peekSecond().is("=")) {
        String name = words.name();
        words.next();
        named.put(name, whole.expression());
      } else {
        values.add(whole.expression());
      }
      if (!words.peek().is(")")) {
        words.expect(",");
      }
    }
    return new Arguments(values, named);
  }

  private static Object call(Object called, Arguments arguments, Scope scope) {
    scope.step();
    if (called instanceof Function function) {
      return function.call(arguments.values(scope), arguments.named(scope));
    }
    throw Values.wrong("call", called);
  }

  /** A value and the filters and tests behind it. */
  Expression filtered(Expression first) {
    Expression value = first;
    while (true) {
      Expression of = value;
      if (words.take("|")) {
        String name = words.name();
        Arguments arguments = words.take("(") ? arguments() : new Arguments(List.of(), Map.of());
        value =
            scope -> {
              scope.step();
              return Filters.apply(
                  name, of.of(scope), arguments.values(scope), arguments.named(scope));
            };
      } else if (words.take("is")) {
        value = test(of);
      } else {
        return value;
      }
    }
  }

  private Expression test(Expression of) {
    boolean not = words.take("not");
    String name = words.name();
    Arguments arguments = new Arguments(List.of(), Map.of());
    Token next = words.peek();
    boolean value =
        next.kind() == Token.Kind.TEXT
            || next.kind() == Token.Kind.INTEGER
            || next.is("[")
            || next.kind() == Token.Kind.NAME
                && !Set.of("else", "and", "or", "is", "if", "in", "not").contains(next.text());
    if (words.take("(")) {
      arguments = arguments();
    } else if (value) {
      arguments = new Arguments(List.of(operand()), Map.of());
    }
    Arguments given = arguments;
    return scope -> Tests.passes(name, of.of(scope), given.values(scope)) != not;
  }
}
