package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.LayerKinds;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.Set;

/** Gemma 3: Gemma 2 without caps, with a norm of each head, and near positions in windows. */
final class Gemma3 implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(262_208, 2304, 9216, 26, 8, 4, 256, 1e-6, 131_072, 2);

  @Override
  public String modelType() {
    return "gemma3_text";
  }

  @Override
  public Set<String> reads() {
    return Set.of(
        "attn_logit_softcapping",
        "final_logit_softcapping",
        "query_pre_attn_scalar",
        "hidden_activation");
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    boolean biased = values.flag("attention_bias", false);
    double cap = Gemma.number(values, "attn_logit_softcapping", 0);
    int window = values.integer("sliding_window", 4096, 0);
    int pattern = values.integer("sliding_window_pattern", 6);
    boolean[] windows = LayerKinds.windows(values, sizes.blocks(), LayerKinds.allButEvery(pattern));
    RopeConfig positions = new RopeConfig(values, sizes).theta(1_000_000);
    Rope full = positions.read(LayerKinds.FULL);
    Rope near =
        positions
            .nested(LayerKinds.WINDOW)
            .map(positions::read)
            .orElseGet(() -> positions.plain(values.decimal("rope_local_base_freq", 10_000)));
    Decoder model = Gemma.begin(modelType(), values, sizes, stored, 0);
    for (int block = 0; block < sizes.blocks(); block++) {
      Gemma.attention(model, block, values)
          .rope(windows[block] ? near : full)
          .window(windows[block] ? window : 0)
          .softCap(cap)
          .biases(biased, biased)
          .headNorms()
          .add();
      Gemma.feedForward(model, block, values).add();
    }
    return model.build(true);
  }
}
