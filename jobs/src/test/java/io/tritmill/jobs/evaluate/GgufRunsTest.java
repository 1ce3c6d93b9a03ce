package io.tritmill.jobs.evaluate;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run makes of a GGUF file in the layout of its family computes the same. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class GgufRunsTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "apertus",
        "deepseek_v3",
        "gemma3",
        "gpt_oss",
        "granitemoe",
        "mixtral",
        "qwen3_5-predicting",
        "qwen3_5_moe",
        "qwen3_next"
      })
  void whatIsKeptComputesTheSame(String model) throws IOException {
    Path recipe =
        Files.writeString(
            directory.resolve("kept.yaml"),
            "version: 1\nname: kept\nrules:\n  - {match: \"*\", keep: true}\n");
    Path run = directory.resolve("run");
    Invocation.of(
            "compress",
            "--model",
            GgufFamiliesTest.FILES.resolve(model + ".gguf"),
            "--recipe",
            recipe,
            "--output",
            run)
        .exits(0);
    Invocation.of("verify", run).exits(0);
    Storage storage = SharedSpark.storage();
    GoldenLogits.read(storage, GgufFamiliesTest.FILES.resolve(model + ".safetensors"))
        .assertSame(ModelSources.open(storage, storage.path(run.resolve("model").toString())));
  }
}
