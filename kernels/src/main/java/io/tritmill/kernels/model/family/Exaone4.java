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
import java.util.function.IntPredicate;

/** EXAONE 4: norms behind the sublayers and of each head; full layers have no positions. */
final class Exaone4 implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(102_400, 4096, 16_384, 32, 32, 32, 0, 1e-5, 2048, 0);

  @Override
  public String modelType() {
    return "exaone4";
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    int window = values.integer("sliding_window", 4096, 0);
    boolean[] windows = windows(values, sizes.blocks(), window);
    Rope rope = RopeConfig.read(values, sizes);
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model
          .attention(block)
          .rope(window == 0 || windows[block] ? rope : null)
          .window(windows[block] ? window : 0)
          .headNorms()
          .norms(null, "post_attention_layernorm")
          .add();
      model.feedForward(block).norms(null, "post_feedforward_layernorm").add();
    }
    return model.build(false);
  }

  /** A pattern is letters, L for a window, or the distance of full layers. */
  private static boolean[] windows(ConfigValues values, int blocks, int window) {
    if (window == 0) {
      return new boolean[blocks];
    }
    IntPredicate otherwise;
    if (values.values().get("sliding_window_pattern") instanceof String letters
        && !letters.isEmpty()) {
      otherwise = block -> letters.charAt(block % letters.length()) == 'L';
    } else {
      otherwise = LayerKinds.allButEvery(values.integer("sliding_window_pattern", 4));
    }
    return LayerKinds.windows(values, blocks, otherwise);
  }
}
