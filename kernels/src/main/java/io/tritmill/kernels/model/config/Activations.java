package io.tritmill.kernels.model.config;

import io.tritmill.kernels.model.Activation;
import java.util.Map;
import java.util.TreeMap;

/** Activations by each of their names. */
public final class Activations {
  private static final Map<String, Activation> NAMES =
      new TreeMap<>(
          Map.of(
              "silu", Activation.SILU,
              "swish", Activation.SILU,
              "gelu_pytorch_tanh", Activation.GELU_TANH,
              "relu2", Activation.RELU_SQUARED,
              "xielu", Activation.XIELU));

  private Activations() {}

  /**
   * Reads one.
   *
   * @param otherwise the name that counts where config.json has none
   * @throws UnsupportedConfigException if it is not known
   */
  public static Activation read(ConfigValues values, String key, String otherwise) {
    String name = values.text(key).orElse(otherwise);
    Activation found = NAMES.get(name);
    if (found == null) {
      throw new UnsupportedConfigException(
          "%s is %s, expected one of %s", key, name, NAMES.keySet());
    }
    return found;
  }
}
