package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.LayerKinds;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;

/** Ministral: Mistral with windows in some layers. */
final class Ministral implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(131_072, 4096, 12_288, 36, 32, 8, 128, 1e-5, 262_144, 1);

  @Override
  public String modelType() {
    return "ministral";
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    int window = values.integer("sliding_window", 4096, 0);
    boolean[] windows = LayerKinds.windows(values, sizes.blocks(), block -> window > 0);
    Rope rope = RopeConfig.read(values, sizes);
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model.attention(block).rope(rope).window(windows[block] ? window : 0).add();
      model.feedForward(block).add();
    }
    return model.build(false);
  }
}
