package io.tritmill.jobs.template;

/** What has a value. */
@FunctionalInterface
interface Expression {
  Object of(Scope scope);
}
