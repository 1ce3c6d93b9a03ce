package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a plan says of tensors of a known family that are no weights of linear modules. */
@ExtendWith(SharedSpark.class)
class KeptTensorsTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden").toAbsolutePath();

  private static final String REASONS =
      """
      model.embed_tokens.weight, outside the blocks
      model.layers.0.input_layernorm.weight, a vector
      model.layers.0.linear_attn.A_log, a vector
      model.layers.0.linear_attn.conv1d.weight, a convolution
      model.layers.0.linear_attn.in_proj_ba.weight, decays and strengths of a delta-net
      model.layers.0.linear_attn.in_proj_qkvz.weight, -
      model.layers.0.mlp.gate.weight, a router
      model.layers.0.mlp.shared_expert_gate.weight, a router
      model.layers.0.mlp.experts.2.up_proj.weight, -
      model.layers.1.self_attn.q_proj.weight, -
      mtp.fc.weight, no part of the model
      """;

  @Test
  void haveAReason() {
    JsonNode plan =
        Invocation.of(
                "plan",
                "--model",
                GOLDEN.resolve("qwen3_next"),
                "--recipe",
                "twn",
                "--cluster",
                "1x2c8g",
                "--format",
                "json")
            .exits(0)
            .json();
    Map<String, JsonNode> tensors = new TreeMap<>();
    plan.get("tensors").forEach(tensor -> tensors.put(tensor.get("name").asText(), tensor));
    for (String line : REASONS.lines().toList()) {
      String[] words = line.split(", ");
      String expected = words[1].equals("-") ? null : words[1];
      assertEquals(expected, tensors.get(words[0]).get("reason").textValue(), line);
    }
  }
}
