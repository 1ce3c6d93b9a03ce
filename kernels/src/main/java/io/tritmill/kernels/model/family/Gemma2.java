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

/** Gemma 2: norms of 1 + w on both sides of the sublayers, capped scores and logits, GELU. */
final class Gemma2 implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(256_000, 2304, 9216, 26, 8, 4, 256, 1e-6, 8192, 2);

  @Override
  public String modelType() {
    return "gemma2";
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
    double cap = Gemma.number(values, "attn_logit_softcapping", 50);
    int window = values.integer("sliding_window", 4096, 0);
    boolean[] windows = LayerKinds.windows(values, sizes.blocks(), block -> block % 2 == 0);
    Rope rope = RopeConfig.read(values, sizes);
    Decoder model = Gemma.begin(modelType(), values, sizes, stored, 30);
    for (int block = 0; block < sizes.blocks(); block++) {
      Gemma.attention(model, block, values)
          .rope(rope)
          .window(windows[block] ? window : 0)
          .softCap(cap)
          .biases(biased, biased)
          .add();
      Gemma.feedForward(model, block, values).add();
    }
    return model.build(true);
  }
}
