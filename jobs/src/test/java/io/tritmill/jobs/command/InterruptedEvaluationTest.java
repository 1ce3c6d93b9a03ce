package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * An evaluation that dies while it enters what it measured costs itself, not the compressed model.
 */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class InterruptedEvaluationTest {
  @TempDir private Path directory;

  private Invocation evaluate(TinyModel tiny) {
    return Invocation.of(
            "evaluate", tiny.output(), "--dataset", tiny.directory().resolve("data.jsonl"))
        .exits(0);
  }

  @Test
  void compressingAgainComputesNothingAndSetsTheMark() throws IOException {
    TinyModel tiny = TinyModel.in(directory);
    Invocation.of(tiny.compress()).exits(0);
    evaluate(tiny);
    SortedMap<String, byte[]> model = RunFiles.below(tiny.output().resolve("model"));
    Path part = tiny.output().resolve("model/model.safetensors");
    Object written = Files.getLastModifiedTime(part);
    // What an evaluation leaves that is killed while it writes its table.
    Files.delete(tiny.output().resolve("_SUCCESS"));
    Path half = tiny.output().resolve("reports/eval/_temporary/0/part-0.parquet");
    Files.createDirectories(half.getParent());
    Files.write(half, new byte[3]);

    Invocation again = Invocation.of(tiny.compress()).exits(0);

    assertFalse(again.err().contains("evaluated ") || again.err().contains(" bpw "), again.err());
    assertEquals(written, Files.getLastModifiedTime(part));
    RunFiles.below(tiny.output().resolve("model"))
        .forEach((file, bytes) -> assertArrayEquals(model.get(file), bytes, file));
    assertTrue(RunFiles.json(tiny.output().resolve("summary.json")).get("perplexity").isNull());
    assertFalse(Files.exists(half));
    Invocation.of("verify", tiny.output()).exits(0);
    evaluate(tiny);
    Invocation.of("verify", tiny.output()).exits(0);
  }

  @Test
  void aModelThatWasSpoiledMeanwhileIsNotMarkedComplete() throws IOException {
    TinyModel tiny = TinyModel.in(directory);
    Invocation.of(tiny.compress()).exits(0);
    Files.delete(tiny.output().resolve("_SUCCESS"));
    Path part = tiny.output().resolve("model/model.safetensors");
    byte[] bytes = Files.readAllBytes(part);
    bytes[bytes.length - 1] ^= 1;
    Files.write(part, bytes);

    Invocation again = Invocation.of(tiny.compress()).exits(7);

    assertTrue(again.err().contains("model.safetensors"), again.err());
    assertFalse(Files.exists(tiny.output().resolve("_SUCCESS")));
    Invocation.of(tiny.compress()).exits(0);
    Invocation.of("verify", tiny.output()).exits(0);
  }
}
