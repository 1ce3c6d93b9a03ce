package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.Set;

/** Phi-3 and Phi-4: Llama whose inputs share a tensor, with positions for a part of each head. */
final class Phi3 implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(32_064, 3072, 8192, 32, 32, 0, 0, 1e-5, 4096, 1);

  @Override
  public String modelType() {
    return "phi3";
  }

  @Override
  public Set<String> reads() {
    return Set.of("partial_rotary_factor");
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    int window =
        values.values().get("sliding_window") == null ? 0 : values.integer("sliding_window", 0);
    Rope rope = new RopeConfig(values, sizes).fraction(1).read();
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model.attention(block).rope(rope).window(window).fused().add();
      model.feedForward(block).fused().add();
    }
    return model.build(false);
  }
}
