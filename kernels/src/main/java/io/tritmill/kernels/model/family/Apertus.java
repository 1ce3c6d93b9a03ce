package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Activation;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.Activations;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.Map;

/** Apertus: Llama with norms of heads and without a gate; its activation is learned. */
final class Apertus implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(131_072, 4096, 14_336, 32, 32, 0, 0, 1e-5, 65_536, 1);

  private static final double THETA = 12_000_000;

  private static final Map<String, Object> POSITIONS =
      Map.of(
          "rope_type", "llama3",
          "rope_theta", THETA,
          "factor", 8,
          "original_max_position_embeddings", 8192,
          "low_freq_factor", 1,
          "high_freq_factor", 4);

  @Override
  public String modelType() {
    return "apertus";
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    boolean biased = values.flag("attention_bias", false);
    Activation activation = Activations.read(values, "hidden_act", "xielu");
    Rope rope = new RopeConfig(values, sizes).theta(THETA).otherwise(POSITIONS).read();
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model
          .attention(block)
          .rope(rope)
          .biases(biased, biased)
          .headNorms()
          .norms("attention_layernorm", null)
          .add();
      model
          .feedForward(block)
          .activation(activation)
          .ungated()
          .norms("feedforward_layernorm", null)
          .add();
    }
    return model.build(false);
  }
}
