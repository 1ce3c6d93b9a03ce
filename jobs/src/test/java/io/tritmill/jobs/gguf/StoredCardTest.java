package io.tritmill.jobs.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a checkpoint says of itself, as keys. */
class StoredCardTest {
  private static Map<String, Object> keys(String readme) {
    byte[] content = readme.getBytes(StandardCharsets.UTF_8);
    return StoredCard.keys("tiny", Map.of("README.md", content), 5_800_000);
  }

  @ParameterizedTest
  @CsvSource({
    "Llama-3.2-1B-Instruct, Llama-3.2, 1B, Instruct",
    "SmolLM2-135M, SmolLM2, 135M,",
    "Mixtral-8x7b-v0.1, Mixtral, 8x7B, v0.1",
    "Qwen3-0_6B, Qwen3, 0.6B,",
    "7B, , 1.2B,",
    "tiny, , 1.2B,"
  })
  void aNameIsReadByTheConvention(String name, String base, String size, String variant) {
    Map<String, Object> keys = StoredCard.keys(name, Map.of(), 1_240_000_000);
    assertEquals(name.replace('-', ' '), keys.get("general.name"));
    assertEquals(base, keys.get("general.basename"));
    assertEquals(size, keys.get("general.size_label"));
    assertEquals(variant, keys.get("general.finetune"));
    assertEquals("model", keys.get("general.type"));
  }

  @ParameterizedTest
  @CsvSource({
    "500, 0.50K",
    "5800000, 5.8M",
    "134515008, 135M",
    "9960000, 10M",
    "70553706496, 71B",
    "1000000000000, 1000B",
    "2000000000000000, 2000T"
  })
  void aSizeHasTwoDigitsAtLeast(long weights, String label) {
    assertEquals(label, StoredCard.keys("x", Map.of(), weights).get("general.size_label"));
  }

  @Test
  void aModelCardTellsLicenseLanguagesAndTags() {
    Map<String, Object> keys =
        keys(
            """
            ---
            license: apache-2.0
            language:
            - en
            - no
            tags: [chat]
            pipeline_tag: text-generation
            model_name: Tiny-2M-Chat
            ---
            # Tiny
            ---
            license: mit
            """);
    assertEquals("apache-2.0", keys.get("general.license"));
    assertEquals(new GgufArray(2, List.of("en", "no")), keys.get("general.languages"));
    assertEquals(new GgufArray(2, List.of("chat", "text-generation")), keys.get("general.tags"));
    assertEquals("Tiny 2M Chat", keys.get("general.name"));
    assertEquals("2M", keys.get("general.size_label"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "---",
        "# Tiny",
        "---\nlicense: [\n---\n",
        "---\n- 1\n---\n",
        "---\n---\n",
        "---\nlicense: mit\n",
        "---\nx: &x [*x, *x]\n---\n"
      })
  void aCardThatSaysNothingIsNoObstacle(String readme) {
    assertEquals(
        "general.name, general.size_label, general.type",
        keys(readme).keySet().stream().sorted().collect(Collectors.joining(", ")),
        () -> Arrays.toString(readme.toCharArray()));
  }
}
