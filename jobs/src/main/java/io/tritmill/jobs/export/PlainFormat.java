package io.tritmill.jobs.export;

import io.tritmill.kernels.tensor.DType;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Decoded weights in a type of 16 or 32 bits: larger, and opened by everything. */
record PlainFormat(DType type) implements CheckpointFormat {
  /** How transformers opens a folder. */
  static final String OPENED =
      "python -c \"from transformers import AutoModelForCausalLM as M; M.from_pretrained('%s')\"";

  @Override
  public String name() {
    return type.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String opened() {
    return OPENED;
  }

  @Override
  public List<Held> hold(List<Layer> layers) {
    return layers.stream().map(layer -> PlainWeights.hold(layer, type, null)).toList();
  }

  @Override
  public Optional<Map<String, Object>> quantization(List<Held> held) {
    return Optional.empty();
  }
}
