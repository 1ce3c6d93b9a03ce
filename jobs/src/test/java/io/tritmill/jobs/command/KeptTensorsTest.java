package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a plan says of tensors of a known family that are no weights of linear modules. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class KeptTensorsTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden").toAbsolutePath();

  private static final String QWEN3_NEXT =
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
      mtp.fc.weight, multi-token prediction
      """;

  private static final String DEEPSEEK_V3 =
      """
      model.layers.0.self_attn.kv_a_layernorm.weight, a vector
      model.layers.0.self_attn.kv_a_proj_with_mqa.weight, -
      model.layers.0.self_attn.kv_b_proj.weight, -
      model.layers.1.mlp.gate.weight, a router
      model.layers.1.mlp.gate.e_score_correction_bias, a vector
      model.layers.2.eh_proj.weight, multi-token prediction
      model.layers.2.shared_head.norm.weight, multi-token prediction
      """;

  static Stream<Arguments> reasons() {
    return Stream.of(
        Arguments.of("qwen3_next", QWEN3_NEXT), Arguments.of("deepseek_v3", DEEPSEEK_V3));
  }

  @ParameterizedTest
  @MethodSource("reasons")
  void haveAReason(String model, String reasons) {
    JsonNode plan =
        Invocation.of(
                "plan",
                "--model",
                GOLDEN.resolve(model),
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
    for (String line : reasons.lines().toList()) {
      String[] words = line.split(", ");
      String expected = words[1].equals("-") ? null : words[1];
      assertEquals(expected, tensors.get(words[0]).get("reason").textValue(), line);
    }
  }

  @Test
  void predictionLayersAreInTheRunAsTheyWere(@TempDir Path directory) {
    Path run = directory.resolve("run");
    Invocation.of(
            "compress",
            "--model",
            GOLDEN.resolve("deepseek_v3"),
            "--recipe",
            "twn",
            "--output",
            run)
        .exits(0);
    Map<String, byte[]> before = predictionLayers(GOLDEN.resolve("deepseek_v3"));
    Map<String, byte[]> after = predictionLayers(run.resolve("model"));
    assertEquals(4, before.size());
    assertEquals(before.keySet(), after.keySet());
    before.forEach((name, bytes) -> assertArrayEquals(bytes, after.get(name), name));
  }

  private static Map<String, byte[]> predictionLayers(Path model) {
    Storage storage = new Storage(new Configuration());
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(model.toString()));
    Map<String, byte[]> tensors = new TreeMap<>();
    try (TensorReader reader = new TensorReader(storage)) {
      for (TensorInfo tensor : checkpoint.extras()) {
        if (tensor.name().startsWith("model.layers.2.")) {
          tensors.put(tensor.name(), reader.bytes(tensor, 0, Math.toIntExact(tensor.bytes())));
        }
      }
    }
    return tensors;
  }
}
