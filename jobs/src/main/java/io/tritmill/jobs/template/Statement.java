package io.tritmill.jobs.template;

/** What writes text, or changes what names stand for. */
@FunctionalInterface
interface Statement {
  /** How a statement ended. */
  enum End {
    /** With the next one to follow. */
    ON,
    /** With the next round of the loop to follow. */
    CONTINUE,
    /** With what is behind the loop to follow. */
    BREAK
  }

  End run(Scope scope, StringBuilder out);
}
