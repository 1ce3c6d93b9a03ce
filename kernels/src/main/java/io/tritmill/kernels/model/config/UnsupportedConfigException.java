package io.tritmill.kernels.model.config;

/** A config.json that describes a function which the forward pass does not compute. */
public final class UnsupportedConfigException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /**
   * Says what was found and what was expected.
   *
   * @param message a format of the values
   */
  public UnsupportedConfigException(String message, Object... values) {
    super(message.formatted(values));
  }
}
