package io.tritmill.kernels.model.family;

/** A config.json that describes a function which the forward pass does not compute. */
public final class UnsupportedConfigException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  UnsupportedConfigException(String message, Object... values) {
    super(message.formatted(values));
  }
}
