package io.tritmill.kernels.model.describe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.family.Llama;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names of what is not in a block, in plain checkpoints and in what is wrapped around them. */
class DecoderNamesTest {
  private record Names(Set<String> names) implements StoredTensors {
    @Override
    public boolean has(String name) {
      return names.contains(name);
    }

    @Override
    public void requireBlocks(int blocks) {}

    @Override
    public void requireExperts(long experts) {}
  }

  @ParameterizedTest
  @CsvSource({
    "model.embed_tokens.weight, lm_head.weight",
    "language_model.model.embed_tokens.weight, language_model.lm_head.weight",
    "language_model.model.embed_tokens.weight, lm_head.weight",
    "model.language_model.embed_tokens.weight, lm_head.weight",
    "_orig_mod.model.embed_tokens.weight, _orig_mod.lm_head.weight",
    "language_model.embed_tokens.weight, language_model.lm_head.weight",
    "embed_tokens.weight, lm_head.weight"
  })
  void theHeadIsFoundBesideTheDecoder(String embedding, String head) {
    Architecture model =
        new Llama()
            .describe(
                new ConfigValues(Map.of("num_hidden_layers", 1)),
                new Names(Set.of(embedding, head)));
    assertEquals(embedding, model.embedding().name());
    assertEquals(head, model.head().name());
  }
}
