package io.tritmill.jobs.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.kernels.tensor.BlockType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run of ggml's blocks: what it stores is what is computed with, and what other programs read.
 */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class BlocksFormatTest {
  private static final String LAYER = "model.layers.0.";

  @TempDir private static Path directory;

  private static Path run;

  @BeforeAll
  static void compress() throws IOException {
    run = directory.resolve("run");
    BlockModel.compress(directory, run);
  }

  @Test
  void blocksLieInTheFileAsInAGgufFile() throws IOException {
    PlainReader reader = new PlainReader(run.resolve("model/model.safetensors"));
    Map<String, BlockType> types =
        Map.of(
            "self_attn.q_proj.weight", BlockType.Q2_K,
            "self_attn.k_proj.weight", BlockType.Q3_K,
            "self_attn.v_proj.weight", BlockType.Q5_K,
            "self_attn.o_proj.weight", BlockType.Q4_K,
            "mlp.gate_proj.weight", BlockType.Q6_K,
            "mlp.up_proj.weight", BlockType.Q5_1);
    Map<String, float[]> decoded = new HashMap<>();
    for (Map.Entry<String, BlockType> entry : types.entrySet()) {
      String name = LAYER + entry.getKey();
      ByteBuffer stored = reader.tensor(name + ".blocks");
      byte[] blocks = new byte[stored.remaining()];
      stored.get(blocks);
      BlockType type = entry.getValue();
      float[] weights = new float[blocks.length / type.blockBytes() * type.blockElements()];
      type.decode(blocks, 0, weights, 0, weights.length);
      decoded.put(name, weights);
      assertEquals(
          "U8 [%d,%d]".formatted(weights.length / 256, type.bytes(256)),
          reader.described(name + ".blocks"));
    }
    assertEquals(6, ForwardWeights.assertSame(run.resolve("model"), decoded));
  }

  @Test
  void rowsThatAreNoBlocksTakeTheNextRuleOrAreKept() throws IOException {
    JsonNode plan = RunFiles.json(run.resolve("plan.json"));
    Map<String, JsonNode> tensors = new HashMap<>();
    plan.get("tensors").forEach(tensor -> tensors.put(tensor.get("name").asText(), tensor));
    JsonNode next = tensors.get(LAYER + "mlp.down_proj.weight");
    assertEquals("int", next.get("method").asText());
    assertEquals("q4_k has blocks of 256 columns, found rows of 320", next.get("reason").asText());
    JsonNode kept = tensors.get("model.layers.1.mlp.down_proj.weight");
    assertEquals("keep", kept.get("method").asText());
    assertTrue(kept.get("reason").asText().startsWith("q4_k has blocks of 256"), kept::toString);
    assertEquals(1, plan.get("fallbacks").asInt());
  }

  @Test
  void aRunIsVerifiedAndComputedWith() {
    Invocation.of("verify", run).exits(0);
    assertTrue(Invocation.of("inspect", run.resolve("model")).exits(0).out().contains(".blocks"));
  }

  @Test
  void bitsAreThoseOfTheBlocks() throws IOException {
    PlainReader reader = new PlainReader(run.resolve("model/model.safetensors"));
    assertArrayEquals(
        new int[] {256 * 84, 256 * 144},
        new int[] {
          reader.tensor(LAYER + "self_attn.q_proj.weight.blocks").remaining(),
          reader.tensor(LAYER + "self_attn.o_proj.weight.blocks").remaining()
        });
  }
}
