package io.tritmill.kernels.model.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Experts;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.LatentAttention;
import io.tritmill.kernels.model.Operator;
import io.tritmill.kernels.model.Parallel;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.UnsupportedConfigException;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What config.json of DeepSeek-V3 and its kin says. */
class DeepseekV3Test {
  private static Architecture describe(String type, Map<String, Object> changes) {
    Map<String, Object> values = new HashMap<>(Map.of("num_hidden_layers", 4));
    values.putAll(changes);
    ModelFamily family = ModelFamily.of(type).orElseThrow();
    return family.describe(new ConfigValues(values), StoredTensors.none(10));
  }

  private static LatentAttention attention(Architecture model) {
    return (LatentAttention) model.sublayers().getFirst().operator();
  }

  @ParameterizedTest
  @ValueSource(strings = {"deepseek_v3", "kimi_k2"})
  void withoutKeysItIsThePublishedModel(String type) {
    Architecture model = describe(type, Map.of());
    assertEquals(type, model.modelType());
    LatentAttention attention = attention(model);
    assertEquals(List.of(24_576, 1536), attention.queryUp().weight().shape());
    assertEquals(List.of(576, 7168), attention.keyValueDown().weight().shape());
    assertEquals(List.of(32_768, 512), attention.keyValueUp().weight().shape());
    assertEquals(List.of(7168, 16_384), attention.output().weight().shape());
    assertEquals(FeedForward.class, model.sublayers().get(5).operator().getClass());
    Experts experts = experts(model.sublayers().get(7).operator());
    assertEquals(256, experts.experts().size());
    assertEquals(2.5f, experts.router().scale());
  }

  private static Experts experts(Operator operator) {
    return (Experts) ((Parallel) operator).branches().getLast().operator();
  }

  @Test
  void sitesAreNumberedInTheOrderOfTheModules() {
    List<Site> sites = describe("deepseek_v3", Map.of()).sites();
    for (int i = 0; i < sites.size(); i++) {
      assertEquals(i, sites.get(i).index());
    }
    assertEquals(
        List.of("attention", "query_latent", "key_value_latent", "output"),
        sites.subList(0, 4).stream().map(Site::name).toList());
  }

  @Test
  void stretchedPositionsSharpenTheScores() {
    Map<String, Object> yarn =
        Map.of("type", "yarn", "factor", 40, "mscale", 1.0, "mscale_all_dim", 1.0);
    LatentAttention attention = attention(describe("deepseek_v3", Map.of("rope_scaling", yarn)));
    double m = 0.1 * Math.log(40) + 1;
    assertEquals(m * m / Math.sqrt(192), attention.scale(), 1e-12);
    assertEquals(1, attention.rope().factor(), 1e-12);
    assertEquals(64, attention.rope().size());
  }

  @Test
  void aListSaysWhichBlocksAreDense() {
    List<String> kinds = List.of("sparse", "dense", "sparse", "dense");
    Architecture model = describe("glm4_moe_lite", Map.of("mlp_layer_types", kinds));
    for (int block = 0; block < 4; block++) {
      boolean dense = model.sublayers().get(2 * block + 1).operator() instanceof FeedForward;
      assertEquals(kinds.get(block).equals("dense"), dense);
    }
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
        refusal("scoring_func is softmax, expected sigmoid", "scoring_func", "softmax"),
        refusal("topk_method is greedy, expected noaux_tc", "topk_method", "greedy"),
        refusal("moe_layer_freq is 2, expected 1", "moe_layer_freq", 2),
        refusal("moe_layer_freq is [0, 1], expected 1", "moe_layer_freq", Arrays.asList(0, 1)),
        refusal("num_key_value_heads is 8, expected 128", "num_key_value_heads", 8),
        refusal("leaves 32 of a qk_rope_head_dim of 64", "partial_rotary_factor", 0.5),
        refusal("hidden_act is gelu, expected silu", "hidden_act", "gelu"));
  }

  @ParameterizedTest
  @MethodSource("otherFunctions")
  void otherFunctionsAreRefused(String sentence, Map<String, Object> changes) {
    UnsupportedConfigException refused =
        assertThrows(UnsupportedConfigException.class, () -> describe("deepseek_v3", changes));
    assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
  }

  static Stream<Arguments> badValues() {
    return Stream.of(
        refusal("qk_rope_head_dim 63 is odd", "qk_rope_head_dim", 63),
        refusal("qk_nope_head_dim is 0, expected at least 1", "qk_nope_head_dim", 0),
        refusal("kv_lora_rank is null, expected a number", "kv_lora_rank", null),
        refusal("q_lora_rank is -1, expected at least 1", "q_lora_rank", -1),
        refusal("below 2^31", "v_head_dim", 2_000_000_000),
        refusal("are 4294967296 wide together", "n_shared_experts", 2_097_152),
        refusal("8 of 4 groups of 256 experts", "topk_group", 8, "n_group", 4),
        refusal("expected groups of one size", "n_group", 7),
        refusal("chooses 9 of 8 experts", "num_experts_per_tok", 9, "n_routed_experts", 8));
  }

  @ParameterizedTest
  @MethodSource("badValues")
  void badValuesAreNamed(String sentence, Map<String, Object> changes) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> describe("deepseek_v3", changes));
    assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
  }

  @Test
  void itsStreamAloneIsRotated() {
    Architecture model = describe("deepseek_v3", Map.of());
    Rotations rotations = Rotations.hadamard(model, 1);
    assertEquals(model.hidden(), rotations.residual().width());
    assertNull(rotations.head());
    assertNull(rotations.down());
  }

  @Test
  void aListOfAnotherLengthIsRefused() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> describe("glm4_moe_lite", Map.of("mlp_layer_types", List.of("dense"))));
    assertEquals("mlp_layer_types has 1 entries, but num_hidden_layers is 4", refused.getMessage());
  }
}
