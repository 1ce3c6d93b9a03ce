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

/** HunYuan V1: Llama with norms of heads behind the rotation, whose base may be stretched. */
final class HunyuanDense implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(290_943, 4096, 11_008, 32, 32, 0, 0, 1e-5, 2048, 1);

  @Override
  public String modelType() {
    return "hunyuan_v1_dense";
  }

  /** The norms are there whatever that key says. */
  @Override
  public Set<String> reads() {
    return Set.of("use_qk_norm");
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    boolean biased = values.flag("attention_bias", false);
    Rope rope = new RopeConfig(values, sizes).alpha().read();
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model
          .attention(block)
          .rope(rope)
          .biases(biased, biased)
          .rotatedNorms("query_layernorm", "key_layernorm")
          .add();
      model.feedForward(block).add();
    }
    return model.build(false);
  }
}
