package io.tritmill.jobs.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads expressions, weakest operators first, as Jinja orders them; what stands between operators
 * is read by {@link OperandParser}.
 */
final class ExpressionParser {
  private static final int DEPTH = 200;
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final Words words;
  private final OperandParser operands;
  private int depth;

  ExpressionParser(Words words) {
    this.words = words;
    operands = new OperandParser(words, this);
  }

  /** An expression, several with commas between them being a list. */
  Expression tuple() {
    Expression first = expression();
    if (!words.peek().is(",")) {
      return first;
    }
    List<Expression> all = new ArrayList<>(List.of(first));
    while (words.take(",")) {
      all.add(expression());
    }
    return OperandParser.list(all);
  }

  Expression expression() {
    if (++depth > DEPTH) {
      throw new TemplateException("more than %d brackets inside one another", DEPTH);
    }
    Expression value = or();
    while (words.take("if")) {
      Expression chosen = value;
      Expression condition = or();
      Expression other = words.take("else") ? expression() : scope -> Scope.Undefined.of("else");
      value = scope -> Values.isTrue(condition.of(scope)) ? chosen.of(scope) : other.of(scope);
    }
    depth--;
    return value;
  }

  /** An expression without {@code if}, which what a loop goes through may have behind it. */
  Expression or() {
    Expression value = and();
    while (words.take("or")) {
      Expression left = value;
      Expression right = and();
      value =
          scope -> {
            Object found = left.of(scope);
            return Values.isTrue(found) ? found : right.of(scope);
          };
    }
    return value;
  }

  private Expression and() {
    Expression value = not();
    while (words.take("and")) {
      Expression left = value;
      Expression right = not();
      value =
          scope -> {
            Object found = left.of(scope);
            return Values.isTrue(found) ? right.of(scope) : found;
          };
    }
    return value;
  }

  private Expression not() {
    if (words.take("not")) {
      if (++depth > DEPTH) {
        throw new TemplateException("more than %d negations", DEPTH);
      }
      Expression value = not();
      depth--;
      return scope -> !Values.isTrue(value.of(scope));
    }
    return comparison();
  }

  private Expression comparison() {
    Expression value = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> others = new ArrayList<>();
    while (true) {
      String operator;
      if (words.peek().kind() == Token.Kind.OPERATOR && COMPARISONS.contains(words.peek().text())) {
        operator = words.next().text();
      } else if (words.take("in")) {
        operator = "in";
      } else if (words.peek().is("not") && words.peekSecond().is("in")) {
        words.next();
        words.next();
        operator = "not in";
      } else {
        break;
      }
      operators.add(operator);
      others.add(sum());
    }
    return operators.isEmpty() ? value : scope -> compare(scope, value, operators, others);
  }

  private static boolean compare(
      Scope scope, Expression first, List<String> operators, List<Expression> others) {
    Object left = first.of(scope);
    for (int i = 0; i < operators.size(); i++) {
      Object right = others.get(i).of(scope);
      boolean holds =
          switch (operators.get(i)) {
            case "in" -> Values.contains(right, left);
            case "not in" -> !Values.contains(right, left);
            default -> Tests.passes(operators.get(i), left, asList(right));
          };
      if (!holds) {
        return false;
      }
      left = right;
    }
    return true;
  }

  private static List<Object> asList(Object one) {
    List<Object> list = new ArrayList<>();
    list.add(one);
    return list;
  }

  private Expression sum() {
    Expression value = joined();
    while (words.peek().is("+") || words.peek().is("-")) {
      value = operation(words.next().text(), value, joined());
    }
    return value;
  }

  private Expression joined() {
    Expression value = product();
    while (words.take("~")) {
      Expression left = value;
      Expression right = product();
      value =
          scope -> Values.calculate("+", Values.text(left.of(scope)), Values.text(right.of(scope)));
    }
    return value;
  }

  private Expression product() {
    Expression value = unary();
    while (words.peek().is("*")
        || words.peek().is("/")
        || words.peek().is("//")
        || words.peek().is("%")) {
      value = operation(words.next().text(), value, unary());
    }
    return value;
  }

  private static Expression operation(String operator, Expression left, Expression right) {
    return scope -> Values.calculate(operator, left.of(scope), right.of(scope));
  }

  private Expression unary() {
    if (words.take("-")) {
      Expression value = operands.operand();
      return operands.filtered(scope -> Values.calculate("-", 0L, value.of(scope)));
    }
    if (words.take("+")) {
      return unary();
    }
    return operands.filtered(operands.operand());
  }
}
