package io.tritmill.jobs.template;

/** A template that cannot be read or rendered, or that refuses what it is given. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TemplateException(String message, Object... values) {
    super(message.formatted(values));
  }
}
