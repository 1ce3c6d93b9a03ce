package io.tritmill.jobs.template;

import java.util.List;

/** The words of a tag, read one after another. */
final class Words {
  private final List<Token> words;
  private int at;

  Words(List<Token> words) {
    this.words = words;
  }

  Token next() {
    Token next = peek();
    at = Math.min(at + 1, words.size() - 1);
    return next;
  }

  Token peek() {
    return words.get(at);
  }

  Token peekSecond() {
    return words.get(Math.min(at + 1, words.size() - 1));
  }

  /** Takes a word if it is this one. */
  boolean take(String word) {
    boolean there = peek().is(word);
    if (there) {
      next();
    }
    return there;
  }

  void expect(String word) {
    if (!take(word)) {
      throw new TemplateException("%s, where %s was expected", shown(), word);
    }
  }

  String name() {
    if (peek().kind() != Token.Kind.NAME) {
      throw new TemplateException("%s, where a name was expected", shown());
    }
    return next().text();
  }

  boolean atEnd() {
    return peek().kind() == Token.Kind.END;
  }

  void expectEnd() {
    if (!atEnd()) {
      throw new TemplateException("%s, where a tag was expected to end", shown());
    }
  }

  String shown() {
    return atEnd() ? "the end of a tag" : peek().text();
  }
}
