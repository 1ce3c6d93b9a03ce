package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is unusual and accepted: a warning where something may be meant otherwise, and the output.
 */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class UnusualInputTest {
  @TempDir private Path directory;

  private TinyModel tiny;

  @BeforeEach
  void writeModel() {
    tiny = TinyModel.in(directory);
  }

  @Test
  void aKindThatTheModelIsWithoutIsAWarning() {
    tiny.recipe(
        "rules: [{match: {kind: experts}, keep: true}, {match: \"*\", stages: [{twn: {}}]}]");

    Invocation warned = Invocation.of(tiny.compress()).exits(0);

    assertTrue(
        warned
            .err()
            .contains("warning: recipe tiny: rule 1 (match: [{kind: experts}]) matches no tensor"),
        warned.err());
  }

  @Test
  void extraTensorsAreKeptAndSaid() {
    tiny.tensors("", "vision_tower.patches.weight");

    Invocation warned = Invocation.of(tiny.compress()).exits(0);

    assertTrue(warned.err().contains("which are kept as they are: vision_tower"), warned.err());
    String listing = Invocation.of("inspect", tiny.output().resolve("model")).exits(0).out();
    assertTrue(listing.contains("vision_tower.patches.weight"), listing);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aModelOfAnyFamilyIsCompressedByItsWeightsOnly(boolean withConfig) throws IOException {
    tiny.config("model_type", "mamba");
    if (!withConfig) {
      Files.delete(tiny.model().resolve("config.json"));
    }

    Invocation.of(tiny.compress("--weights-only")).exits(0);

    Invocation.of("verify", tiny.output(), "--layers", 100).exits(0);
    String listing = Invocation.of("inspect", tiny.output().resolve("model")).exits(0).out();
    assertTrue(listing.contains("model.layers.1.self_attn.q_proj.weight.trits"), listing);
    assertEquals(withConfig, Files.exists(tiny.output().resolve("model/config.json")));
    Invocation evaluation =
        Invocation.of("evaluate", tiny.output(), "--dataset", directory.resolve("data.jsonl"))
            .exits(withConfig ? 3 : 4);
    assertTrue(evaluation.err().startsWith("tritmill: "), evaluation.err());
  }

  @Test
  void aRunIsInspectedAsARun() throws IOException {
    Invocation compressed = Invocation.of(tiny.compress()).exits(0);

    String whole = Invocation.of("inspect", tiny.output()).exits(0).out();

    assertTrue(compressed.err().contains("\nassembling the model"), compressed.err());
    assertTrue(compressed.err().contains("\nchecking what was written"), compressed.err());
    assertTrue(whole.contains("format           run of Tritmill\n"), whole);
    assertTrue(whole.contains("state            complete"), whole);
    assertTrue(whole.contains("recipe           tiny\n"), whole);
    Files.delete(tiny.output().resolve("_SUCCESS"));
    String open = Invocation.of("inspect", tiny.output(), "--format", "json").exits(0).out();
    assertTrue(open.contains("\"state\":\"unfinished"), open);
  }
}
