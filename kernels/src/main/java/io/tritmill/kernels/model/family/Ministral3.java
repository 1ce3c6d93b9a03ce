package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.Temperature;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.Map;

/** Ministral 3: Mistral whose queries grow with their position. */
final class Ministral3 implements ModelFamily {
  private static final String ORIGINAL = "original_max_position_embeddings";

  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(131_072, 4096, 14_336, 34, 32, 8, 128, 1e-5, 262_144, 1);

  private static final Map<String, Object> POSITIONS =
      Map.of(
          "rope_type",
          "yarn",
          "rope_theta",
          1_000_000,
          "factor",
          16,
          ORIGINAL,
          16_384,
          "mscale",
          1,
          "mscale_all_dim",
          1,
          "llama_4_scaling_beta",
          0.1);

  @Override
  public String modelType() {
    return "ministral3";
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    int window = values.integer("sliding_window", 0, 0);
    RopeConfig positions = new RopeConfig(values, sizes).otherwise(POSITIONS);
    Rope rope = positions.read();
    ConfigValues parameters = positions.parameters();
    Temperature temperature =
        new Temperature(
            parameters.decimal("llama_4_scaling_beta"),
            parameters.integer(ORIGINAL, sizes.maxPositions()));
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model.attention(block).rope(rope).temperature(temperature).window(window).add();
      model.feedForward(block).add();
    }
    return model.build(false);
  }
}
