package io.tritmill.kernels.model.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Operator;
import io.tritmill.kernels.model.Parallel;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.Temperature;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What config.json of families that differ from Llama in a few traits says. */
class DenseFamiliesTest {
  private static Architecture describe(String type, Map<String, Object> changes) {
    Map<String, Object> values = new HashMap<>(Map.of("num_hidden_layers", 6));
    values.putAll(changes);
    ModelFamily family = ModelFamily.of(type).orElseThrow();
    return family.describe(new ConfigValues(values), StoredTensors.none(10));
  }

  private static List<Attention> attentions(Architecture model) {
    return model.sublayers().stream()
        .flatMap(sublayer -> parts(sublayer.operator()))
        .filter(Attention.class::isInstance)
        .map(Attention.class::cast)
        .toList();
  }

  private static Stream<Operator> parts(Operator operator) {
    return operator instanceof Parallel parallel
        ? parallel.branches().stream().map(Parallel.Branch::operator)
        : Stream.of(operator);
  }

  private static Attention first(String type, Map<String, Object> changes) {
    return attentions(describe(type, changes)).getFirst();
  }

  @Test
  void queriesOfMinistral3GrowByItsKeys() {
    Attention attention = first("ministral3", Map.of());
    assertEquals(new Temperature(0.1, 16_384), attention.temperature());
    assertEquals(1, attention.temperature().factor(16_383));
    assertEquals((float) (1 + 0.1 * Math.log(2)), attention.temperature().factor(16_384));
    assertEquals(1, attention.rope().factor(), 1e-12);
  }

  @Test
  void apertusStretchesPositionsUnlessItSaysOtherwise() {
    Rope rope = first("apertus", Map.of("rope_theta", 500)).rope();
    assertEquals(12_000_000, rope.theta());
    assertEquals(new Rope.Llama3(8, 1, 4, 8192), rope.scaling());
    Map<String, Object> plain = Map.of("rope_type", "default", "rope_theta", 500);
    rope = first("apertus", Map.of("rope_parameters", plain)).rope();
    assertEquals(500, rope.theta());
    assertEquals(new Rope.None(), rope.scaling());
  }

  @Test
  void hunyuanStretchesTheBaseAlone() {
    Map<String, Object> dynamic = Map.of("type", "dynamic", "alpha", 1000.0, "factor", 3.0);
    Rope rope = first("hunyuan_v1_dense", Map.of("rope_scaling", dynamic)).rope();
    assertEquals(10_000 * Math.pow(1000, 128.0 / 126), rope.theta(), 1e-3);
    assertEquals(new Rope.None(), rope.scaling());
  }

  @Test
  void layersWithWindowsAloneHavePositionsInCohere2() {
    for (Attention attention : attentions(describe("cohere2", Map.of()))) {
      assertEquals(attention.window() > 0, attention.rope() != null);
    }
    Map<String, Object> without = Collections.singletonMap("sliding_window", null);
    for (Attention attention : attentions(describe("cohere2", without))) {
      assertNull(attention.rope());
      assertEquals(0, attention.window());
    }
  }

  @Test
  void normsOfHeadsOfCohereHaveGainsOfTheirOwn() {
    Norm norm = first("cohere", Map.of("use_qk_norm", true)).innerNorms().query();
    assertEquals(Norm.Kind.LAYER, norm.kind());
    assertEquals(List.of(64, 128), norm.weight().shape());
    assertNull(first("cohere", Map.of()).innerNorms().query());
  }

  /** The keys of Gemma 4 without what the smallest models have beside. */
  private static Map<String, Object> gemma4(Object... changes) {
    Map<String, Object> values = new HashMap<>(Map.of("hidden_size_per_layer_input", 0));
    for (int i = 0; i < changes.length; i += 2) {
      values.put((String) changes[i], changes[i + 1]);
    }
    return values;
  }

  @Test
  void fullLayersOfGemma4HaveOtherHeads() {
    List<Attention> layers =
        attentions(
            describe(
                "gemma4_text", gemma4("attention_k_eq_v", true, "num_global_key_value_heads", 2)));
    Attention near = layers.getFirst();
    assertEquals(256, near.headSize());
    assertEquals(4, near.keyValueHeads());
    assertNotNull(near.value());
    assertEquals(new Rope(10_000, new Rope.None(), 256), near.rope());
    Attention full = layers.getLast();
    assertEquals(512, full.headSize());
    assertEquals(2, full.keyValueHeads());
    assertNull(full.value());
    assertEquals(1, full.scale());
    assertEquals(new Rope(1_000_000, new Rope.Proportional(64, 1), 512), full.rope());
    assertNull(full.innerNorms().value().weight());
  }

  @Test
  void headsOfGemma4MayBeListedByLayer() {
    Map<String, Object> own = Map.of("2", Map.of("head_dim", 64, "num_key_value_heads", 1));
    List<Attention> layers = attentions(describe("gemma4_text", gemma4("per_layer_config", own)));
    assertEquals(64, layers.get(2).headSize());
    assertEquals(1, layers.get(2).keyValueHeads());
    assertEquals(256, layers.get(5).headSize());
  }

  private static Arguments refusal(String type, String sentence, Map<String, Object> changes) {
    return Arguments.of(type, sentence, changes);
  }

  static Stream<Arguments> refusals() {
    Map<String, Object> yarn = Map.of("type", "yarn", "factor", 2);
    Map<String, Object> dynamic = Map.of("type", "dynamic", "factor", 2);
    Map<String, Object> wide = Map.of("1", Map.of("intermediate_size", 8));
    List<String> two = List.of("full_attention", "full_attention");
    return Stream.of(
        refusal(
            "ministral3",
            "llama_4_scaling_beta is missing, expected a number of at least 0",
            Map.of("rope_parameters", yarn)),
        refusal("hunyuan_v1_dense", "rope_type is dynamic", Map.of("rope_scaling", dynamic)),
        refusal("apertus", "hidden_act is tanh", Map.of("hidden_act", "tanh")),
        refusal("cohere", "layer_norm_eps is -1", Map.of("layer_norm_eps", -1)),
        refusal("cohere2", "layer_types has 2 entries", Map.of("layer_types", two)),
        refusal("gemma4_text", "hidden_size_per_layer_input is 256, expected 0", Map.of()),
        refusal(
            "gemma4_text",
            "num_kv_shared_layers is 2, expected 0",
            gemma4("num_kv_shared_layers", 2)),
        refusal(
            "gemma4_text",
            "use_bidirectional_attention is all",
            gemma4("use_bidirectional_attention", "all")),
        refusal(
            "gemma4_text",
            "per_layer_config of layer 1 has [intermediate_size]",
            gemma4("per_layer_config", wide)),
        refusal("gemma4_text", "num_experts is missing", gemma4("enable_moe_block", true)));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void otherFunctionsAndBadValuesAreNamed(
      String type, String sentence, Map<String, Object> changes) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> describe(type, changes));
    assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
  }
}
