package io.tritmill.kernels.model.config;

import java.util.Map;

/** Whether modules round what they read: those of BitNet do, however their weights are stored. */
public final class RoundedInputs {
  private static final String BITNET = "bitnet";

  private RoundedInputs() {}

  /** Looks at how the checkpoint was quantized, or, of a packed model, at how its source was. */
  public static boolean in(ConfigValues values) {
    return values.values().get("quantization_config") instanceof Map<?, ?> configured
        && (method(configured) || configured.get("source") instanceof Map<?, ?> of && method(of));
  }

  private static boolean method(Map<?, ?> configured) {
    return BITNET.equals(configured.get("quant_method"));
  }
}
