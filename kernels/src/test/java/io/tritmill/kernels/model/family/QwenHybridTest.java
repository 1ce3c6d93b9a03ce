package io.tritmill.kernels.model.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.Basis;
import io.tritmill.kernels.model.DeltaNet;
import io.tritmill.kernels.model.Experts;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.model.Operator;
import io.tritmill.kernels.model.Parallel;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.UnsupportedConfigException;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What config.json of Qwen3-Next and Qwen3.5 says. */
class QwenHybridTest {
  private static Architecture describe(String type, Map<String, Object> changes) {
    Map<String, Object> values = new HashMap<>(Map.of("num_hidden_layers", 4));
    values.putAll(changes);
    ModelFamily family = ModelFamily.of(type).orElseThrow();
    return family.describe(new ConfigValues(values), StoredTensors.none(10));
  }

  private static Operator operator(Architecture model, int sublayer) {
    return model.sublayers().get(sublayer).operator();
  }

  private static List<Integer> deltaNets(Architecture model) {
    List<Integer> blocks = new ArrayList<>();
    for (int block = 0; block < model.blocks(); block++) {
      if (operator(model, 2 * block) instanceof DeltaNet) {
        blocks.add(block);
      }
    }
    return blocks;
  }

  @Test
  void withoutKeysQwen35IsOfThePublishedShapes() {
    Architecture model = describe("qwen3_5_text", Map.of());
    assertEquals(List.of(0, 1, 2), deltaNets(model));
    DeltaNet net = (DeltaNet) operator(model, 0);
    assertEquals(List.of(8192, 4096), net.inputs().get(0).weight().shape());
    assertEquals(List.of(4096, 4096), net.inputs().get(1).weight().shape());
    assertEquals(List.of(8192, 1, 4), net.convolution().shape());
    assertEquals(List.of(4096, 4096), net.output().weight().shape());
    assertEquals("model.layers.0.linear_attn.A_log", net.rate().name());
    Attention attention = (Attention) operator(model, 6);
    assertEquals(List.of(8192, 4096), attention.query().weight().shape());
    assertEquals(List.of(4096, 4096), attention.output().weight().shape());
    assertEquals(64, attention.rope().size());
    assertEquals(Basis.FIXED, attention.value().outputs());
    assertEquals(LossMetric.UNKNOWN, attention.value().metric());
    assertEquals(LossMetric.STREAM, attention.output().metric());
    assertEquals(FeedForward.class, operator(model, 1).getClass());
  }

  @Test
  void normsAreOnePlusTheirWeightsBesidesThatOfTheDeltaNet() {
    Architecture model = describe("qwen3_5_text", Map.of());
    assertTrue(model.finalNorm().onePlus());
    assertTrue(model.sublayers().getFirst().before().onePlus());
    operator(model, 6).norms().forEach(norm -> assertTrue(norm.onePlus()));
    operator(model, 0).norms().forEach(norm -> assertEquals(false, norm.onePlus()));
  }

  @Test
  void qwen3NextKeepsTheRowsOfAKeyHeadTogether() {
    Architecture model = describe("qwen3_next", Map.of());
    DeltaNet net = (DeltaNet) operator(model, 0);
    assertEquals(List.of(12_288, 2048), net.inputs().getFirst().weight().shape());
    assertEquals(List.of(64, 2048), net.rows().decay().tensor().shape());
    assertEquals(768, net.rows().gate().step());
    assertEquals(512, net.rows().gate().first());
    assertEquals(2, net.rows().decay().first());
    Parallel both = (Parallel) operator(model, 1);
    assertEquals(
        "model.layers.0.mlp.shared_expert_gate.weight", both.branches().getFirst().gate().name());
    assertEquals(512, ((Experts) both.branches().getLast().operator()).experts().size());
  }

  @Test
  void keysSayWhichBlocksHaveAttention() {
    List<String> kinds =
        List.of("full_attention", "linear_attention", "full_attention", "linear_attention");
    assertEquals(List.of(1, 3), deltaNets(describe("qwen3_5_text", Map.of("layer_types", kinds))));
    assertEquals(
        List.of(0, 2), deltaNets(describe("qwen3_next", Map.of("full_attention_interval", 2))));
  }

  @Test
  void keysSayWhichBlocksHaveExperts() {
    Architecture model =
        describe("qwen3_next", Map.of("mlp_only_layers", List.of(1), "decoder_sparse_step", 2));
    for (int block = 0; block < 4; block++) {
      boolean dense = operator(model, 2 * block + 1) instanceof FeedForward;
      assertEquals(block != 3, dense);
    }
  }

  @Test
  void decaysAndStrengthsReadTheStreamThatRotationsTurn() {
    Architecture model = describe("qwen3_5_text", Map.of());
    DeltaNet net = (DeltaNet) operator(model, 0);
    assertEquals(net.controls(), net.readers());
    assertEquals(model.hidden(), Rotations.hadamard(model, 0).residual().width());
  }

  private static Arguments refusal(String sentence, Object... changes) {
    Map<String, Object> values = new HashMap<>();
    for (int i = 0; i < changes.length; i += 2) {
      values.put((String) changes[i], changes[i + 1]);
    }
    return Arguments.of(sentence, values);
  }

  static Stream<Arguments> otherFunctions() {
    return Stream.of(
        refusal("attn_output_gate is false, expected true", "attn_output_gate", false),
        refusal("hidden_act is gelu, expected silu", "hidden_act", "gelu"),
        refusal(
            "layer_types has mamba, expected full_attention or linear_attention",
            "layer_types",
            List.of("mamba", "mamba", "mamba", "mamba")));
  }

  @ParameterizedTest
  @MethodSource("otherFunctions")
  void otherFunctionsAreRefused(String sentence, Map<String, Object> changes) {
    UnsupportedConfigException refused =
        assertThrows(UnsupportedConfigException.class, () -> describe("qwen3_next", changes));
    assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
  }

  static Stream<Arguments> badValues() {
    return Stream.of(
        refusal("30 value heads of a delta-net are no multiple", "linear_num_value_heads", 30),
        refusal("8 value heads of a delta-net are no multiple", "linear_num_value_heads", 8),
        refusal("linear_num_key_heads is 0, expected at least 1", "linear_num_key_heads", 0),
        refusal("linear_key_head_dim is -1, expected at least 1", "linear_key_head_dim", -1),
        refusal("linear_conv_kernel_dim is 0", "linear_conv_kernel_dim", 0),
        refusal("full_attention_interval is 0", "full_attention_interval", 0),
        refusal(
            "keeps 1.10e+12 numbers",
            "linear_num_value_heads",
            256,
            "linear_key_head_dim",
            1 << 25),
        refusal("expected less than 2^31", "linear_value_head_dim", 2_000_000_000),
        refusal("expected less than 2^31", "linear_num_key_heads", 2_000_000_000),
        refusal("expected a product below 2^30", "head_dim", 100_000_000),
        refusal("layer_types has 1 entries", "layer_types", List.of("full_attention")),
        refusal("chooses 9 of 8 experts", "num_experts_per_tok", 9, "num_experts", 8));
  }

  @ParameterizedTest
  @MethodSource("badValues")
  void badValuesAreNamed(String sentence, Map<String, Object> changes) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> describe("qwen3_next", changes));
    assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
  }
}
