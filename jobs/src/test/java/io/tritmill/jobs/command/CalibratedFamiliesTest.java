package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Families beside Llama through the whole command line: calibrated, compressed and evaluated. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class CalibratedFamiliesTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden").toAbsolutePath();

  private static final String RECIPE =
      """
      version: 1
      name: calibrated
      propagate_error: true
      calibration: {samples: 24, sequence_length: 20, held_out: 4}
      rules:
        - match: "*"
          stages: [{qep: {}}, {output_metric: {}}, {gptq: {}}, {ptqtp: {planes: 3, group: 8, tied: true}}]
      """;

  @TempDir private Path directory;

  private Path data() throws IOException {
    Random random = new Random(7);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      String ids =
          random.ints(20, 4, 60).mapToObj(Integer::toString).collect(Collectors.joining(","));
      lines.append("{\"input_ids\": [").append(ids).append("]}\n");
    }
    return Files.writeString(directory.resolve("data.jsonl"), lines);
  }

  /**
   * @param left layers without output_metric, as the warning counts them; empty for no warning
   */
  @ParameterizedTest
  @CsvSource({
    "llama-bias, ''",
    "qwen2, ''",
    "qwen3, '4 of 14'",
    "gemma3, '14 of 14'",
    "phi3, '4 of 8'",
    "olmo2, '14 of 14'",
    "granite, '10 of 14'",
    "arcee, '6 of 12'",
    "bitnet, '10 of 14'",
    "hunyuan_v1_dense, '4 of 14'",
    "apertus, '6 of 12'",
    "qwen3_5, '5 of 13'",
    "qwen3_next, '34 of 36'",
    "qwen3_5_moe, '27 of 29'",
    "mixtral, '24 of 32'",
    "ernie4_5_moe, ' of '",
    "glm4_moe, ' of '",
    "qwen3_moe, ' of '",
    "cohere, '10 of 14'",
    "gemma4-moe, '29 of 29'",
    "deepseek_v3, '35 of 40'",
    "deepseek_v3-plain, '33 of 38'",
    "glm4_moe_lite, ' of '"
  })
  void learnFromDataAndAreEvaluated(String model, String left) throws IOException {
    Path recipe = Files.writeString(directory.resolve("recipe.yaml"), RECIPE);
    Path run = directory.resolve("run");
    Invocation compressed =
        Invocation.of(
                "compress",
                "--model",
                GOLDEN.resolve(model),
                "--recipe",
                recipe,
                "--calibration",
                data(),
                "--output",
                run)
            .exits(0);
    String warning = "output_metric is left out of ";
    assertEquals(!left.isEmpty(), compressed.err().contains(warning), compressed.err());
    assertTrue(compressed.err().contains(left), compressed.err());
    requireMeasured(run, model, 0.3);
  }

  /** Every block says how far its hidden states are, and the run how far its predictions. */
  private void requireMeasured(Path run, String model, double mostDivergence) throws IOException {
    List<Row> blocks = RunFiles.table(run, "blocks");
    assertFalse(blocks.isEmpty());
    for (Row block : blocks) {
      double error = block.getAs("hidden_rel_err");
      assertTrue(error > 0 && error < 1, block::toString);
      assertTrue(block.<Double>getAs("hidden_cosine") > 0.5, block::toString);
    }
    JsonNode evaluated =
        new ObjectMapper()
            .readTree(
                Invocation.of(
                        "evaluate",
                        run,
                        "--dataset",
                        data(),
                        "--baseline",
                        GOLDEN.resolve(model),
                        "--format",
                        "json")
                    .exits(0)
                    .out());
    double divergence = evaluated.path("kl_divergence").asDouble(-1);
    assertTrue(divergence > 0 && divergence < mostDivergence, evaluated::toString);
  }

  /** The stream of all of them is rotated, and the head, in no rotation, is fitted last. */
  @ParameterizedTest
  @ValueSource(
      strings = {"qwen3_moe", "glm4_moe", "deepseek_v3", "qwen3_next", "qwen3_5", "granite"})
  void areRotatedAndLearnWithTheirHeads(String model) throws IOException {
    String stages = "stages: [{qep: {}}, {gptq: {}}, {ptqtp: {planes: 3, group: 8, tied: true}}]";
    Path recipe =
        Files.writeString(
            directory.resolve("recipe.yaml"),
            """
            version: 1
            name: rotated
            transforms: [hadamard]
            propagate_error: true
            calibration: {samples: 24, sequence_length: 20, held_out: 4}
            rules:
              - {match: {kind: head}, %s}
              - {match: "*", %s}
            """
                .formatted(stages, stages));
    Path run = directory.resolve("run");
    Invocation.of(
            "compress",
            "--model",
            GOLDEN.resolve(model),
            "--recipe",
            recipe,
            "--calibration",
            data(),
            "--output",
            run)
        .exits(0);
    requireMeasured(run, model, 0.3);
    Invocation.of("verify", run, "--layers", 200).exits(0);
  }

  /** Sums over tokens that count by the attention which they get in the block. */
  @ParameterizedTest
  @ValueSource(strings = {"qwen3", "deepseek_v3"})
  void tokensCountByTheirAttention(String model) throws IOException {
    String alike = "stages: [{gptq: {}}, {ptqtp: {planes: 1, group: 8}}]";
    String weighted = "stages: [{rsq: {}}, {gptq: {}}, {ptqtp: {planes: 1, group: 8}}]";
    assertFalse(Arrays.equals(weights(model, alike), weights(model, weighted)));
  }

  /** The bytes of all tensors, where a recipe was used for the output of the first attention. */
  private byte[] weights(String model, String stages) throws IOException {
    Path folder = Files.createTempDirectory(directory, "run");
    Path recipe =
        Files.writeString(
            folder.resolve("recipe.yaml"),
            """
            version: 1
            name: weighted
            calibration: {samples: 24, sequence_length: 20, held_out: 4}
            rules:
              - {match: "model.layers.0.self_attn.o_proj.weight", %s}
              - {match: "*", keep: true}
            """
                .formatted(stages));
    Path run = folder.resolve("run");
    Invocation.of(
            "compress",
            "--model",
            GOLDEN.resolve(model),
            "--recipe",
            recipe,
            "--calibration",
            data(),
            "--output",
            run)
        .exits(0);
    byte[] file = Files.readAllBytes(run.resolve("model/model.safetensors"));
    long header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return Arrays.copyOfRange(file, Math.toIntExact(Long.BYTES + header), file.length);
  }

  @Test
  void tokensAreWeighedWhereAttentionStandsBesideAFeedForward() throws IOException {
    Path recipe =
        Files.writeString(
            directory.resolve("recipe.yaml"),
            RECIPE.replace("{qep: {}}, {output_metric: {}}", "{rsq: {}}"));
    Path run = directory.resolve("run");
    Path model = GOLDEN.resolve("cohere");
    Invocation.of(
            "compress",
            "--model",
            model,
            "--recipe",
            recipe,
            "--calibration",
            data(),
            "--output",
            run)
        .exits(0);
  }

  @Test
  void whatCannotBeRotatedIsRefused() throws IOException {
    Path recipe =
        Files.writeString(
            directory.resolve("recipe.yaml"),
            """
            version: 1
            name: rotated
            transforms: [hadamard]
            rules:
              - {match: "*", stages: [{ptqtp: {planes: 2, group: 8}}]}
            """);
    String last =
        Invocation.of("plan", "--model", GOLDEN.resolve("olmo2"), "--recipe", recipe)
            .exits(3)
            .err()
            .lines()
            .toList()
            .getLast();
    assertTrue(last.contains("without an RMSNorm before it cannot be rotated"), last);
    last =
        Invocation.of("plan", "--model", GOLDEN.resolve("phi3"), "--recipe", recipe)
            .exits(3)
            .err()
            .lines()
            .toList()
            .getLast();
    assertTrue(last.contains("qkv_proj.weight cannot be rotated"), last);
  }
}
