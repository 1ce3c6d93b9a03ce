package io.tritmill.jobs.template;

/**
 * A word inside a tag.
 *
 * @param kind what it is
 * @param text the name, the operator, the digits, or the text without quotes and escapes
 */
record Token(Kind kind, String text) {
  enum Kind {
    NAME,
    OPERATOR,
    INTEGER,
    FLOAT,
    TEXT,
    END
  }

  boolean is(String operatorOrName) {
    return (kind == Kind.OPERATOR || kind == Kind.NAME) && text.equals(operatorOrName);
  }
}
