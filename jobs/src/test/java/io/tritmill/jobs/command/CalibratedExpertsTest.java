package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Experts are layers of their own, which learn from the tokens that their router sends them. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class CalibratedExpertsTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden").toAbsolutePath();
  private static final int TOKENS = 12;
  private static final int CHOSEN = 2;

  @TempDir private Path directory;

  @Test
  void expertsShareTheTokens() throws IOException {
    List<Row> experts = experts(GOLDEN.resolve("qwen3_moe"));
    long met = 0;
    for (Row row : experts) {
      boolean up = row.<String>getAs("tensor_name").contains("up_proj");
      met += up ? row.<Long>getAs("calib_tokens") : 0;
    }
    assertEquals(TOKENS * CHOSEN, met);
    assertEquals(
        List.of(0, 1, 2, 3, 4),
        experts.stream()
            .map(row -> row.<Integer>getAs("expert_index"))
            .distinct()
            .sorted()
            .toList());
  }

  @Test
  void anExpertWithoutTokensIsRoundedByItsWeights() throws IOException {
    for (Row row : experts(modelThatNeverChooses(3))) {
      boolean chosen = row.<Integer>getAs("expert_index") != 3;
      assertEquals(chosen ? "ok" : "fallback", row.getAs("status"), row::toString);
      assertEquals(chosen, row.<Long>getAs("calib_tokens") > 0, row::toString);
      assertTrue(row.<Double>getAs("weight_rel_err") > 0, row::toString);
      assertEquals(
          chosen
              ? null
              : "0 calibration tokens came to it, expected 1 or more: its weights alone were rounded",
          row.getAs("fallback_reason"));
    }
  }

  @Test
  void rowsOfAnExpertWithoutTokensHaveOnePlane() throws IOException {
    String stages = "[{qep: {}}, {gptq: {}}, {trit_rows: {bits: 5, group: 8}}]";
    List<Row> experts = experts(modelThatNeverChooses(3), stages);
    double[] bits = new double[5];
    for (Row row : experts) {
      int expert = row.getAs("expert_index");
      bits[expert] = Math.max(bits[expert], row.<Double>getAs("bits_per_weight"));
      assertEquals(expert == 3 ? "fallback" : "ok", row.getAs("status"), row::toString);
    }
    for (int expert = 0; expert < bits.length; expert++) {
      assertTrue(expert == 3 || bits[expert] > bits[3], Arrays.toString(bits));
    }
  }

  /** A model whose routers' corrections keep an expert from being chosen. */
  private Path modelThatNeverChooses(int expert) throws IOException {
    Path model = Files.createDirectory(directory.resolve("model"));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(GOLDEN.resolve("ernie4_5_moe").resolve(file), model.resolve(file));
    }
    Storage storage = new Storage(new Configuration());
    byte[] weights = Files.readAllBytes(model.resolve("model.safetensors"));
    for (TensorInfo tensor : Checkpoint.open(storage, storage.path(model.toString())).tensors()) {
      if (tensor.name().endsWith("e_score_correction_bias")) {
        int at = Math.toIntExact(tensor.offset()) + expert * Float.BYTES;
        ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN).putFloat(at, -10);
      }
    }
    Files.write(model.resolve("model.safetensors"), weights);
    return model;
  }

  private List<Row> experts(Path model) throws IOException {
    return experts(model, "[{qep: {}}, {gptq: {}}, {ptqtp: {planes: 2, group: 8}}]");
  }

  private List<Row> experts(Path model, String stages) throws IOException {
    Path data = directory.resolve("data.jsonl");
    Files.writeString(
        data,
        """
        {"input_ids": [5, 9, 33, 2, 60, 41]}
        {"input_ids": [7, 7, 12, 50, 21, 3]}
        """);
    Path recipe =
        Files.writeString(
            directory.resolve("recipe.yaml"),
            """
            version: 1
            name: experts
            propagate_error: true
            calibration: {samples: 2, sequence_length: 6}
            rules:
              - {match: "*", stages: %s}
            """
                .formatted(stages));
    Path run = directory.resolve("run");
    Invocation.of(
            "compress",
            "--model",
            model,
            "--recipe",
            recipe,
            "--calibration",
            data,
            "--output",
            run)
        .exits(0);
    List<Row> rows =
        SharedSpark.session()
            .read()
            .parquet(run.resolve("reports/layers").toString())
            .collectAsList();
    return rows.stream().filter(row -> !row.isNullAt(row.fieldIndex("expert_index"))).toList();
  }
}
