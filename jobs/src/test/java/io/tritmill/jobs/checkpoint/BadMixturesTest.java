package io.tritmill.jobs.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mixtures whose config.json contradicts their tensors, or itself. */
class BadMixturesTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden").toAbsolutePath();

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "qwen3_moe, num_experts, 6, asks for the tensor model.layers.1.mlp.experts.5",
    "qwen3_moe, num_experts, 4, 'has shape [5, 16]'",
    "qwen3_moe, num_experts, 2000000000, 'experts in all blocks, expected at most 65536'",
    "qwen3_moe, num_experts, 0, 'num_experts is 0, expected at least 1'",
    "qwen3_moe, num_experts_per_tok, 6, 'a token chooses 6 of 5 experts, expected 1 to 5'",
    "qwen3_moe, moe_intermediate_size, 7, 'has shape [6, 16]'",
    "mixtral, num_local_experts, 5, asks for the tensor model.layers.0.block_sparse_moe.experts.4",
    "glm4_moe, n_group, 4, '1 of 4 groups of 6 experts are kept'",
    "glm4_moe, topk_group, 3, '3 of 2 groups of 6 experts are kept'",
    "glm4_moe, num_experts_per_tok, 4, 'a token chooses 4 experts of 1 groups with 3 each'",
    "granitemoe, num_local_experts, 3, 'has shape [4, 16]'",
    "gpt_oss, num_local_experts, 3, 'gate_up_proj_bias has shape [4, 16]'"
  })
  void endInOneSentence(String model, String key, String value, String sentence)
      throws IOException {
    Path golden = GOLDEN.resolve(model);
    String config = Files.readString(golden.resolve("config.json"));
    String changed = config.replaceFirst("(\"%s\": )\\d+".formatted(key), "$1" + value);
    assertTrue(!changed.equals(config), key);
    Files.writeString(folder.resolve("config.json"), changed);
    Files.copy(golden.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    Storage storage = new Storage(new Configuration());
    BadInputException refusal =
        assertThrows(
            BadInputException.class,
            () -> Checkpoint.open(storage, storage.path(folder.toString())).check());
    assertEquals(ExitCode.BROKEN_INPUT, refusal.exitCode(), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(sentence), refusal.getMessage());
  }
}
