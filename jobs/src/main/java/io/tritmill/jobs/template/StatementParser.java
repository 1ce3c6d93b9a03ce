package io.tritmill.jobs.template;

import io.tritmill.jobs.template.Statement.End;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the statements of a template. */
final class StatementParser {
  private static final int DEPTH = 100;

  private final List<Tag> tags;
  private int at;
  private int depth;

  StatementParser(List<Tag> tags) {
    this.tags = tags;
  }

  /** All of a template. */
  Statement all() {
    Statement all = body(Set.of());
    if (at < tags.size()) {
      throw new TemplateException("the statement %s, which ends nothing", word(at));
    }
    return all;
  }

  private String word(int tag) {
    return tags.get(tag).words().getFirst().text();
  }

  /** Statements up to one of some words, which stays. */
  private Statement body(Set<String> ends) {
    if (++depth > DEPTH) {
      throw new TemplateException("more than %d statements inside one another", DEPTH);
    }
    List<Statement> all = new ArrayList<>();
    while (at < tags.size()
        && !(tags.get(at).kind() == Tag.Kind.STATEMENT
            && (ends.contains(word(at)) || ends.isEmpty() && word(at).startsWith("end")))) {
      all.add(statement());
    }
    if (at == tags.size() && !ends.isEmpty()) {
      throw new TemplateException("a template that ends before any of %s", ends);
    }
    depth--;
    return (scope, out) -> {
      for (Statement one : all) {
        End end = one.run(scope, out);
        if (end != End.ON) {
          return end;
        }
      }
      return End.ON;
    };
  }

  private Statement statement() {
    Tag tag = tags.get(at++);
    Words words = new Words(tag.words());
    return switch (tag.kind()) {
      case TEXT -> write(scope -> tag.text());
      case OUTPUT -> {
        Expression value = new ExpressionParser(words).tuple();
        words.expectEnd();
        yield write(value);
      }
      case STATEMENT -> statement(words);
    };
  }

  private static Statement write(Expression value) {
    return (scope, out) -> {
      scope.step();
      Scope.write(out, Values.text(value.of(scope)));
      return End.ON;
    };
  }

  private Statement statement(Words words) {
    String name = words.name();
    return switch (name) {
      case "if" -> choice(words);
      case "for" -> Loop.read(words, this::loopBody);
      case "set" -> set(words);
      case "macro" -> macro(words);
      case "generation" -> {
        words.expectEnd();
        Statement body = body(Set.of("endgeneration"));
        at++;
        yield body;
      }
      case "break", "continue" -> {
        words.expectEnd();
        End end = name.equals("break") ? End.BREAK : End.CONTINUE;
        yield (scope, out) -> end;
      }
      case "do" -> {
        Expression value = new ExpressionParser(words).tuple();
        words.expectEnd();
        yield (scope, out) -> {
          value.of(scope);
          return End.ON;
        };
      }
      default -> throw new TemplateException("the statement %s", name);
    };
  }

  /** The body of a loop, and what runs where it has no round. */
  private Statement[] loopBody() {
    Statement body = body(Set.of("else", "endfor"));
    Statement otherwise = (scope, out) -> End.ON;
    if (word(at++).equals("else")) {
      otherwise = body(Set.of("endfor"));
      at++;
    }
    return new Statement[] {body, otherwise};
  }

  private Statement choice(Words words) {
    Expression condition = new ExpressionParser(words).tuple();
    words.expectEnd();
    Statement chosen = body(Set.of("elif", "else", "endif"));
    Words next = new Words(tags.get(at++).words());
    String end = next.name();
    Statement other = (scope, out) -> End.ON;
    if (end.equals("elif")) {
      other = choice(next);
    } else if (end.equals("else")) {
      other = body(Set.of("endif"));
      at++;
    }
    Statement otherwise = other;
    return (scope, out) -> {
      scope.step();
      return (Values.isTrue(condition.of(scope)) ? chosen : otherwise).run(scope, out);
    };
  }

  private Statement set(Words words) {
    List<String> names = new ArrayList<>(List.of(words.name()));
    String part = words.take(".") ? words.name() : null;
    while (part == null && words.take(",")) {
      names.add(words.name());
    }
    if (words.take("=")) {
      Expression value = new ExpressionParser(words).tuple();
      words.expectEnd();
      return (scope, out) -> {
        scope.step();
        assign(scope, names, part, value.of(scope));
        return End.ON;
      };
    }
    words.expectEnd();
    Statement body = body(Set.of("endset"));
    at++;
    return (scope, out) -> {
      StringBuilder text = new StringBuilder();
      body.run(scope, text);
      assign(scope, names, part, text.toString());
      return End.ON;
    };
  }

  @SuppressWarnings("unchecked")
  private static void assign(Scope scope, List<String> names, String part, Object value) {
    if (part == null) {
      Loop.bind(scope, names, value);
    } else if (scope.get(names.getFirst()) instanceof Map<?, ?> namespace) {
      ((Map<Object, Object>) namespace).put(part, value);
    } else {
      throw new TemplateException("%s, which is no namespace to set %s of", names.getFirst(), part);
    }
  }

  private Statement macro(Words words) {
    String name = words.name();
    words.expect("(");
    Map<String, Expression> parameters = new LinkedHashMap<>();
    while (!words.take(")")) {
      String parameter = words.name();
      parameters.put(
          parameter,
          words.take("=")
              ? new ExpressionParser(words).expression()
              : scope -> Scope.Undefined.of(parameter));
      if (!words.peek().is(")")) {
        words.expect(",");
      }
    }
    words.expectEnd();
    Statement body = body(Set.of("endmacro"));
    at++;
    return (scope, out) -> {
      scope.set(
          name, (Scope.Function) (values, named) -> call(scope, parameters, body, values, named));
      return End.ON;
    };
  }

  private static String call(
      Scope outer,
      Map<String, Expression> parameters,
      Statement body,
      List<Object> values,
      Map<String, Object> named) {
    Scope scope = outer.inner();
    int at = 0;
    for (Map.Entry<String, Expression> parameter : parameters.entrySet()) {
      String name = parameter.getKey();
      scope.set(
          name,
          at < values.size()
              ? values.get(at)
              : named.containsKey(name) ? named.get(name) : parameter.getValue().of(outer));
      at++;
    }
    StringBuilder text = new StringBuilder();
    body.run(scope, text);
    return text.toString();
  }
}
