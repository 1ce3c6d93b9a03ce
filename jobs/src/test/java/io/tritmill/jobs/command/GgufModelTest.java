package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.gguf.GgufLlama;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Every command takes a GGUF file for a checkpoint. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class GgufModelTest {
  private static final Sizes SIZES = new Sizes(64, 32, 64, 2, 4, 2);

  @TempDir private Path directory;

  @BeforeEach
  void write() throws IOException {
    Random random = new Random(5);
    StringBuilder data = new StringBuilder();
    for (int document = 0; document < 4; document++) {
      List<Integer> ids = random.ints(20, 1, SIZES.vocabulary()).boxed().toList();
      data.append(SafetensorsBuilder.json(Map.of("input_ids", ids))).append('\n');
    }
    Files.writeString(directory.resolve("data.jsonl"), data);
    Files.writeString(
        directory.resolve("recipe.yaml"),
        """
        version: 1
        name: tiny
        rules:
          - {match: "*.0.self_attn.k_proj.weight", keep: true}
          - {match: "*", stages: [{ptqtp: {planes: 2, group: 32}}]}
        """);
  }

  private Path compress(Path model, String name, Object... more) {
    Path run = directory.resolve(name);
    List<Object> line =
        new ArrayList<>(
            List.of(
                "compress",
                "--model",
                model,
                "--recipe",
                directory.resolve("recipe.yaml"),
                "--output",
                run));
    line.addAll(List.of(more));
    Invocation.of(line.toArray()).exits(0);
    return run;
  }

  private JsonNode evaluate(Path model, Object... more) {
    List<Object> line =
        new ArrayList<>(
            List.of(
                "evaluate",
                model,
                "--dataset",
                directory.resolve("data.jsonl"),
                "--format",
                "json"));
    line.addAll(List.of(more));
    return Invocation.of(line.toArray()).exits(0).json();
  }

  private static Map<String, byte[]> tensors(Path model) {
    Storage storage = SharedSpark.storage();
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(model.toString()));
    Map<String, byte[]> tensors = new TreeMap<>();
    try (TensorReader reader = new TensorReader(storage)) {
      for (TensorInfo tensor : checkpoint.tensors()) {
        tensors.put(tensor.name(), reader.bytes(tensor, 0, (int) tensor.bytes()));
      }
    }
    return tensors;
  }

  @Test
  void theSameWeightsGiveTheSameNumbersAndTheSamePackedTensors() {
    Path gguf = GgufLlama.of(SIZES, false).write(directory.resolve("m/tiny.gguf"));
    Path safetensors = directory.resolve("safetensors");
    SafetensorsBuilder.writeLlama(safetensors, SIZES, false, DType.F32, 1);

    assertEquals(
        evaluate(safetensors).get("perplexity").doubleValue(),
        evaluate(gguf).get("perplexity").doubleValue());

    Map<String, byte[]> expected = tensors(compress(safetensors, "expected").resolve("model"));
    Map<String, byte[]> packed = tensors(compress(gguf, "packed").resolve("model"));
    assertEquals(expected.keySet(), packed.keySet());
    expected.forEach((name, bytes) -> assertArrayEquals(bytes, packed.get(name), name));
  }

  @Test
  void whatIsKeptOfABlockIsHalfPrecision() throws IOException {
    Path gguf =
        GgufLlama.of(SIZES, true)
            .blocks("token_embd.weight")
            .blocks("blk.0.attn_q.weight")
            .blocks("blk.0.attn_k.weight")
            .blocks("blk.1.attn_q.weight")
            .write(directory.resolve("tiny.gguf"));

    Path run = compress(gguf, "run", "--calibration", directory.resolve("data.jsonl"));

    Invocation.of("verify", run, "--layers", "99").exits(0);
    JsonNode summary = RunFiles.json(run.resolve("summary.json"));
    long files = Files.size(run.resolve("model/model.safetensors"));
    assertTrue(summary.get("bytes_out").longValue() <= files);
    Storage storage = SharedSpark.storage();
    Checkpoint before = Checkpoint.open(storage, storage.path(gguf.toString()));
    Checkpoint after = Checkpoint.open(storage, storage.path(run.resolve("model").toString()));
    try (TensorReader reader = new TensorReader(storage)) {
      for (String name :
          List.of("model.embed_tokens.weight", "model.layers.0.self_attn.k_proj.weight")) {
        TensorInfo kept = after.tensor(name).orElseThrow();
        assertEquals("F16", kept.dtype());
        int rows = (int) kept.rows();
        float[] expected = reader.rows(before.tensor(name).orElseThrow(), 0, rows).values();
        for (int i = 0; i < expected.length; i++) {
          expected[i] = Float.float16ToFloat(Float.floatToFloat16(expected[i]));
        }
        assertArrayEquals(expected, reader.rows(kept, 0, rows).values());
      }
    }
    JsonNode config = RunFiles.json(run.resolve("model/config.json"));
    assertEquals("llama", config.get("model_type").textValue());
    assertEquals("tritmill", config.get("quantization_config").get("quant_method").textValue());
    JsonNode measured = evaluate(run, "--baseline", gguf);
    assertTrue(measured.get("perplexity_ratio").doubleValue() > 0.5);
    assertTrue(measured.get("kl_divergence").doubleValue() < 0.5);
  }

  @Test
  void aPlanReadsHeadersOfAllParts() {
    GgufLlama.of(SIZES, true).blocks("token_embd.weight").writeParts(directory.resolve("m"), 3);
    JsonNode plan =
        Invocation.of(
                "plan",
                "--model",
                directory.resolve("m"),
                "--recipe",
                directory.resolve("recipe.yaml"),
                "--cluster",
                "1x2c8g",
                "--format",
                "json")
            .exits(0)
            .json();
    JsonNode embedding = plan.get("tensors").get(0);
    assertEquals("model.embed_tokens.weight", embedding.get("name").textValue());
    assertEquals(20, plan.get("tensors").size());
  }

  @Test
  void aWeightThatHalfPrecisionCannotHoldIsNamed() {
    byte[] blocks = new byte[64 * 34];
    blocks[34 * 5] = (byte) 0xff;
    blocks[34 * 5 + 1] = 0x7b;
    blocks[34 * 5 + 2 + 7] = 2;
    Path gguf =
        GgufLlama.of(SIZES, true)
            .tensor("token_embd.weight", GgufLlama.Q8_0, List.of(64, 32), blocks)
            .write(directory.resolve("tiny.gguf"));
    Invocation refused =
        Invocation.of(
                "compress",
                "--model",
                gguf,
                "--recipe",
                directory.resolve("recipe.yaml"),
                "--output",
                directory.resolve("run"))
            .exits(4);
    assertTrue(
        refused
            .err()
            .contains(
                "tensor model.embed_tokens.weight has 131008.0 in row 5, column 7, which half"),
        refused::err);
  }
}
