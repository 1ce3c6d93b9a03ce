package io.tritmill.jobs.gguf.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.gguf.FamilyTensor;
import io.tritmill.jobs.gguf.StoredTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What no GGUF file can hold is refused in a sentence, and what counts for nothing is left out. */
class StoredModelRefusalTest {
  private static final String FILE = "model/config.json";

  private final Map<String, Object> config =
      new HashMap<>(
          Map.of(
              "model_type", "mistral",
              "vocab_size", 32,
              "hidden_size", 16,
              "intermediate_size", 24,
              "num_hidden_layers", 1,
              "num_attention_heads", 2,
              "num_key_value_heads", 2,
              "tie_word_embeddings", true));

  private final List<FamilyTensor> tensors = new ArrayList<>();

  StoredModelRefusalTest() {
    config.put("sliding_window", null);
    add("model.embed_tokens.weight", 32, 16);
    add("model.norm.weight", 16);
    String block = "model.layers.0.";
    add(block + "input_layernorm.weight", 16);
    add(block + "post_attention_layernorm.weight", 16);
    for (String one : List.of("q_proj", "k_proj", "v_proj", "o_proj")) {
      add(block + "self_attn." + one + ".weight", 16, 16);
    }
    add(block + "mlp.gate_proj.weight", 24, 16);
    add(block + "mlp.up_proj.weight", 24, 16);
    add(block + "mlp.down_proj.weight", 16, 24);
  }

  private void add(String name, long... shape) {
    List<Long> sizes = new ArrayList<>();
    for (long size : shape) {
      sizes.add(size);
    }
    tensors.add(new FamilyTensor(name, sizes));
  }

  private StoredModel write() {
    return StoredModel.of(FILE, config, tensors);
  }

  private void assertRefused(String... parts) {
    String message = assertThrows(BadInputException.class, this::write).getMessage();
    assertTrue(message.startsWith(FILE + ": "), message);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void aModelOfAnotherNameIsWrittenWhereItIsTheSame() {
    assertEquals("llama", write().architecture());
    assertEquals(2, write().keys().get("llama.attention.head_count"));
  }

  @Test
  void whatIsRoundedAndWhatIsNotIsTold() {
    assertEquals(
        Set.of("output_norm.weight", "blk.0.attn_norm.weight", "blk.0.ffn_norm.weight"),
        write().tensors().stream()
            .filter(StoredTensor::single)
            .map(StoredTensor::name)
            .collect(Collectors.toSet()));
  }

  @Test
  void whatTheModelDoesNotReadIsLeftOut() {
    int before = write().tensors().size();
    assertEquals(List.of(), write().leftOut());
    add("model.layers.0.self_attn.rotary_emb.inv_freq", 4);
    add("vision_tower.patch.weight", 16, 16);
    assertEquals(before, write().tensors().size());
    assertEquals(
        List.of("model.layers.0.self_attn.rotary_emb.inv_freq", "vision_tower.patch.weight"),
        write().leftOut());
  }

  /** ggml's Qwen 3 has no biases. */
  @Test
  void aTensorWithoutAPlaceIsNamed() {
    config.putAll(Map.of("model_type", "qwen3", "head_dim", 8, "attention_bias", true));
    for (String one : List.of("q_proj", "k_proj", "v_proj", "o_proj")) {
      add("model.layers.0.self_attn." + one + ".bias", 16);
    }
    add("model.layers.0.self_attn.q_norm.weight", 8);
    add("model.layers.0.self_attn.k_norm.weight", 8);
    assertRefused(
        "architecture qwen3 has no place for the tensor model.layers.0.self_attn.q_proj.bias");
  }

  @Test
  void aMissingTensorIsNamed() {
    tensors.removeIf(tensor -> tensor.name().endsWith("up_proj.weight"));
    assertRefused("model.layers.0.mlp.up_proj.weight", "but there is none");
  }

  @Test
  void aTensorOfAnotherShapeIsNamed() {
    tensors.removeIf(tensor -> tensor.name().equals("model.norm.weight"));
    add("model.norm.weight", 8);
    assertRefused("model.norm.weight", "[16]", "[8]");
  }

  @Test
  void anUnknownFamilyIsNamed() {
    config.put("model_type", "mamba");
    assertRefused("model_type is mamba");
  }

  /** ggml's Llama has no windows, whatever its keys say. */
  @Test
  void aFunctionThatNoKeySaysIsRefused() {
    config.put("sliding_window", 8);
    assertRefused("architecture llama cannot hold the model", "window is 0, expected 8");
  }

  @Test
  void positionsThatNoKeySaysAreRefused() {
    config.put(
        "rope_scaling",
        Map.of(
            "rope_type", "llama3",
            "factor", 8.0,
            "low_freq_factor", 1.0,
            "high_freq_factor", 32.0,
            "original_max_position_embeddings", 8192));
    assertRefused("architecture llama cannot hold the model", "rope_freqs.weight");
  }

  @Test
  void aBrokenValueIsBroken() {
    config.put("num_attention_heads", "two");
    assertRefused("num_attention_heads is two");
  }
}
