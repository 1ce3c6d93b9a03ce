package io.tritmill.jobs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.jobs.CaseModel;
import io.tritmill.jobs.Invocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Perplexities of one model over the same sentences in several dresses. */
@Tag("slow")
class EvaluatedDataTest {
  private static final List<String> SENTENCES =
      List.of(
          "Once upon a time a crow sat on a wall and counted the boats that came in.",
          "The mill turns when there is water, and when there is none it stands still and waits for"
              + " rain.",
          "Seven keys hang by the door; the eighth is in the pocket of the old coat that nobody"
              + " wears.");

  /** Of transformers, over token ids. */
  private static final double PERPLEXITY = 1431.4626;

  private static final int FIRST_BYTE = 3;

  @TempDir Path folder;

  private static List<Integer> ids(String sentence) {
    List<Integer> ids = new ArrayList<>(List.of(1));
    for (byte one : sentence.getBytes(StandardCharsets.UTF_8)) {
      ids.add(FIRST_BYTE + Byte.toUnsignedInt(one));
    }
    return ids;
  }

  private double perplexity(CaseModel model, Path data) {
    return Invocation.of(
            "evaluate",
            model.model(),
            "--dataset",
            data,
            "--sequence-length",
            256,
            "--format",
            "json")
        .exits(0)
        .json()
        .get("perplexity")
        .asDouble();
  }

  @Test
  void paddingIsNotEvaluated() throws IOException {
    int longest = SENTENCES.stream().mapToInt(String::length).max().orElseThrow() + 1;
    List<String> padded = new ArrayList<>();
    List<String> plain = new ArrayList<>();
    for (String sentence : SENTENCES) {
      List<Integer> ids = ids(sentence);
      plain.add("{\"input_ids\":%s}".formatted(ids));
      List<Integer> mask =
          IntStream.range(0, longest).map(i -> i < ids.size() ? 1 : 0).boxed().toList();
      List<Integer> filled =
          IntStream.range(0, longest).map(i -> i < ids.size() ? ids.get(i) : 0).boxed().toList();
      padded.add("{\"input_ids\":%s,\"attention_mask\":%s}".formatted(filled, mask));
    }
    CaseModel model = CaseModel.in(folder);
    Path paddedData = Files.write(folder.resolve("padded.jsonl"), padded);
    Path plainData = Files.write(folder.resolve("plain.jsonl"), plain);
    assertEquals(PERPLEXITY, perplexity(model, plainData), 1e-3);
    assertEquals(perplexity(model, plainData), perplexity(model, paddedData));
  }

  @Test
  void theTestSplitAloneIsEvaluated() throws IOException {
    CaseModel model = CaseModel.in(folder);
    List<String> splits = List.of("train", "validation", "test");
    for (int i = 0; i < splits.size(); i++) {
      Path file = folder.resolve("splits/%s-00000-of-00001.jsonl".formatted(splits.get(i)));
      Files.createDirectories(file.getParent());
      Files.writeString(file, "{\"text\":\"%s\"}\n".formatted(SENTENCES.get(i)));
    }
    Path test = folder.resolve("splits/test-00000-of-00001.jsonl");
    assertEquals(perplexity(model, test), perplexity(model, folder.resolve("splits")));
  }
}
