package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.kernels.tensor.DType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Of a family that is not known, weights are compressed and all else is kept with a reason. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class WeightsOnlyTest {
  @TempDir private Path directory;

  private static Map<String, JsonNode> planned(Path model) {
    JsonNode plan =
        Invocation.of(
                "plan",
                "--model",
                model,
                "--recipe",
                "twn",
                "--weights-only",
                "--cluster",
                "1x2c8g",
                "--format",
                "json")
            .exits(0)
            .json();
    Map<String, JsonNode> tensors = new TreeMap<>();
    plan.get("tensors").forEach(tensor -> tensors.put(tensor.get("name").asText(), tensor));
    return tensors;
  }

  /** Names as the families of transformers have them, with shapes and what is said. */
  private static final String NAMES =
      """
      model.layers.0.mlp.gate.weight, 4x8, a router
      model.layers.0.mlp.shared_expert_gate.weight, 1x8, a router
      model.layers.0.block_sparse_moe.gate.weight, 4x8, a router
      model.layers.0.block_sparse_moe.router.layer.weight, 4x8, a router
      model.layers.0.mlp.router.weight, 4x8, a router
      model.layers.0.feed_forward.router.weight, 4x8, a router
      transformer.blocks.0.ffn.router.layer.weight, 4x8, a router
      model.layers.0.mlp.gate.e_score_correction_bias, 1x4, a router
      model.layers.0.mlp.moe_statics.e_score_correction_bias, 1x4, a bias
      model.layers.0.mlp.experts.gate_up_proj_bias, 4x8, a bias
      encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight, 4x2, a bias
      model.layers.0.self_attn.q_norm.weight, 4x8, a norm
      model.layers.1.embed_tokens.weight, 20x8, an embedding
      backbone.layers.0.mixer.conv1d.weight, 4x1x4, a convolution
      backbone.layers.0.mixer.A_log, 4x8, not named as a weight
      model.layers.0.linear_attn.conv1d.weight, 4x1x4, a convolution
      model.layers.0.linear_attn.in_proj_ba.weight, 4x8, decays and strengths of a delta-net
      model.layers.0.linear_attn.in_proj_a.weight, 4x8, decays and strengths of a delta-net
      model.layers.0.linear_attn.dt_bias, 8, a bias
      model.layers.0.linear_attn.in_proj_qkv.weight, 6x8, -
      model.layers.0.self_attn.sinks, 8, no matrix
      lm_head.weight, 20x8, outside the blocks
      model.layers.0.mlp.gate_proj.weight, 6x8, -
      model.layers.0.mlp.experts.3.down_proj.weight, 8x6, -
      model.layers.0.block_sparse_moe.experts.1.w2.weight, 8x6, -
      """;

  @Test
  void whatIsKeptHasAReason() {
    SafetensorsBuilder builder = new SafetensorsBuilder();
    for (String line : NAMES.lines().toList()) {
      String[] words = line.split(", ");
      List<Integer> shape = Arrays.stream(words[1].split("x")).map(Integer::valueOf).toList();
      builder.random(words[0], DType.BF16, shape);
    }
    Path model = directory.resolve("model");
    builder.write(model.resolve("model.safetensors"));

    Map<String, JsonNode> planned = planned(model);

    for (String line : NAMES.lines().toList()) {
      String[] words = line.split(", ");
      JsonNode found = planned.get(words[0]);
      boolean kept = !words[2].equals("-");
      assertEquals(kept ? "keep" : "twn", found.get("method").asText(), line);
      assertEquals(kept ? words[2] : null, found.get("reason").textValue(), line);
    }
  }
}
