package io.tritmill.jobs.template;

import java.util.ArrayList;
import java.util.List;

/**
 * A part of a template: text as it is, an expression to show, or a statement.
 *
 * @param kind which of these
 * @param text of text
 * @param words of the others, an end behind them
 */
record Tag(Kind kind, String text, List<Token> words) {
  enum Kind {
    TEXT,
    OUTPUT,
    STATEMENT
  }

  /**
   * Cuts a template into its parts. A line break behind a statement and spaces before one that a
   * line begins with are no text, as transformers has it; nor is the last line break.
   */
  static List<Tag> of(String template) {
    return new Cutter(
            template.endsWith("\n") ? template.substring(0, template.length() - 1) : template)
        .cut();
  }

  private static final class Cutter {
    private final String source;
    private final List<Tag> tags = new ArrayList<>();
    private int at;
    private boolean strip; // what follows the last tag
    private boolean lineBegins = true;

    Cutter(String source) {
      this.source = source;
    }

    List<Tag> cut() {
      while (at < source.length()) {
        int begin = begin();
        addText(begin);
        if (begin == source.length()) {
          break;
        }
        at = begin + 2;
        char kind = source.charAt(begin + 1);
        if (at < source.length() && (source.charAt(at) == '-' || source.charAt(at) == '+')) {
          at++;
        }
        if (kind == '#') {
          skipComment();
        } else {
          addTag(kind == '{');
        }
      }
      return tags;
    }

    private int begin() {
      for (int i = at; i + 1 < source.length(); i++) {
        if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
          return i;
        }
      }
      return source.length();
    }

    private void addText(int end) {
      String text = source.substring(at, end);
      if (strip) {
        text = Strings.strip(text, null, true, false);
      }
      char after = end + 2 < source.length() ? source.charAt(end + 2) : ' ';
      if (end < source.length() && after == '-') {
        text = Strings.strip(text, null, false, true);
      } else if (end < source.length() && source.charAt(end + 1) != '{' && after != '+') {
        int line = text.lastIndexOf('\n') + 1;
        boolean first = line > 0 || lineBegins && !strip || end == 0;
        if (first && text.substring(line).isBlank()) {
          text = text.substring(0, line);
        }
      }
      if (!text.isEmpty()) {
        tags.add(new Tag(Kind.TEXT, text, List.of()));
      }
    }

    private void skipComment() {
      int end = source.indexOf("#}", at);
      if (end < 0) {
        throw new TemplateException("a comment that does not end");
      }
      strip = source.charAt(end - 1) == '-' && end - 1 >= at;
      at = end + 2;
      trimLine(source.charAt(end - 1) == '+');
    }

    /** The line break behind a statement or a comment. */
    private void trimLine(boolean kept) {
      lineBegins = false;
      if (!kept && !strip && at < source.length() && source.charAt(at) == '\n') {
        at++;
        lineBegins = true;
      }
    }

    private void addTag(boolean output) {
      WordReader words = new WordReader(source, at, output ? "}}" : "%}");
      List<Token> found = words.read();
      at = words.end();
      strip = words.strips();
      tags.add(new Tag(output ? Kind.OUTPUT : Kind.STATEMENT, "", found));
      if (output) {
        lineBegins = false;
      } else {
        trimLine(words.keeps());
      }
    }
  }
}
