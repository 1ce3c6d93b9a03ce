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
import java.util.Set;

/** gpt-oss (arXiv:2508.10925): a sink in each head, windows by turns, experts with biases. */
final class GptOss implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(201_088, 2880, 2880, 36, 64, 8, 64, 1e-5, 131_072, -1);

  @Override
  public String modelType() {
    return "gpt_oss";
  }

  @Override
  public Set<String> reads() {
    return Set.of("num_local_experts");
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    double limit = values.decimal("swiglu_limit", 7);
    boolean biased = values.flag("attention_bias", true);
    int experts = values.integer("num_local_experts", 128);
    int chosen = values.integer("num_experts_per_tok", values.integer("experts_per_token", 4));
    int window = values.integer("sliding_window", 128, 0);
    boolean[] windows = LayerKinds.windows(values, sizes.blocks(), block -> block % 2 == 0);
    Rope rope = new RopeConfig(values, sizes).theta(150_000).read();
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model
          .attention(block)
          .rope(rope)
          .window(windows[block] ? window : 0)
          .biases(biased, biased)
          .sinks()
          .add();
      model
          .experts(block)
          .stacked("mlp.experts.gate_up_proj", "mlp.experts.down_proj")
          .sizes(experts, chosen, sizes.intermediate())
          .interleaved()
          .biases("mlp.experts.gate_up_proj_bias", "mlp.experts.down_proj_bias")
          .clampedSilu(limit)
          .router("mlp.router.weight")
          .routerBias("mlp.router.bias")
          .normalized(true, 0)
          .add();
    }
    return model.build(false);
  }
}
