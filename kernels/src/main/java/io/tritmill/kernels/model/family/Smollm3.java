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
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** SmolLM3: Llama without positions in every fourth layer. */
final class Smollm3 implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(128_256, 2048, 11_008, 36, 16, 4, 0, 1e-6, 32_768, 128_000);

  @Override
  public String modelType() {
    return "smollm3";
  }

  @Override
  public Set<String> reads() {
    return Set.of("no_rope_layers");
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    boolean biased = values.flag("attention_bias", false);
    boolean feedForwardBiased = values.flag("mlp_bias", false);
    boolean windowed = values.flag("use_sliding_window", false);
    int window = windowed ? values.integer("sliding_window", 4096, 0) : 0;
    boolean[] positions = positions(values, sizes.blocks());
    boolean[] windows =
        LayerKinds.windows(values, sizes.blocks(), block -> window > 0 && !positions[block]);
    Rope rope = new RopeConfig(values, sizes).theta(2_000_000).read();
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model
          .attention(block)
          .rope(positions[block] ? rope : null)
          .window(windows[block] ? window : 0)
          .biases(biased, biased)
          .add();
      model.feedForward(block).biases(feedForwardBiased).add();
    }
    return model.build(true);
  }

  /** Whether each block has positions. */
  private static boolean[] positions(ConfigValues values, int blocks) {
    Optional<List<Integer>> listed = values.integers("no_rope_layers");
    int interval = values.integer("no_rope_layer_interval", 4);
    if (listed.isPresent() && listed.get().size() != blocks) {
      throw new IllegalArgumentException(
          "no_rope_layers has %d entries, but num_hidden_layers is %d"
              .formatted(listed.get().size(), blocks));
    }
    boolean[] positions = new boolean[blocks];
    for (int block = 0; block < blocks; block++) {
      positions[block] =
          listed.isPresent() ? listed.get().get(block) != 0 : (block + 1) % interval != 0;
    }
    return positions;
  }
}
