package io.tritmill.jobs.template;

import io.tritmill.jobs.template.Scope.Undefined;
import java.util.List;
import java.util.Map;

/** Values as JSON, as Python writes it. */
final class Literals {
  private Literals() {}

  /**
   * A value as JSON.
   *
   * @param indent spaces of a step; below 0 for one line
   */
  static String json(Object value, int indent) {
    StringBuilder json = new StringBuilder();
    write(value, indent, 0, json);
    return json.toString();
  }

  private static void write(Object value, int indent, int depth, StringBuilder json) {
    if (depth > 64) {
      throw new TemplateException("a value of more than 64 levels");
    }
    switch (value) {
      case null -> json.append("null");
      case Boolean one -> json.append(one);
      case Number one -> json.append(one);
      case String one -> quote(one, json);
      case List<?> one -> {
        json.append('[');
        String between = "";
        for (Object element : one) {
          json.append(between);
          line(indent, depth + 1, json);
          write(element, indent, depth + 1, json);
          between = indent < 0 ? ", " : ",";
        }
        close(one.isEmpty(), indent, depth, json).append(']');
      }
      case Map<?, ?> one -> {
        json.append('{');
        String between = "";
        for (Map.Entry<?, ?> entry : one.entrySet()) {
          json.append(between);
          line(indent, depth + 1, json);
          quote(Values.text(entry.getKey()), json);
          json.append(": ");
          write(entry.getValue(), indent, depth + 1, json);
          between = indent < 0 ? ", " : ",";
        }
        close(one.isEmpty(), indent, depth, json).append('}');
      }
      case Undefined none -> throw Values.wrong("write as JSON", value);
      default -> throw Values.wrong("write as JSON", value);
    }
    Scope.requireRoom(json.length());
  }

  private static void line(int indent, int depth, StringBuilder json) {
    if (indent >= 0) {
      json.append('\n').repeat(" ", indent * depth);
    }
  }

  private static StringBuilder close(boolean empty, int indent, int depth, StringBuilder json) {
    if (!empty) {
      line(indent, depth, json);
    }
    return json;
  }

  private static void quote(String text, StringBuilder json) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        default -> {
          if (c < ' ') {
            json.append("\\u%04x".formatted((int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }
}
