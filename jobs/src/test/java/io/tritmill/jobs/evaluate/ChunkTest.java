package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ChunkTest {
  @Property
  void chunksHoldEverySequenceInOrderAndWithinBounds(
      @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 2, max = 500) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 70) int atLeast,
      @ForAll @IntRange(min = 1, max = 3000) int maxTokens) {
    List<int[]> sequences = lengths.stream().map(int[]::new).toList();
    List<Chunk> chunks = Chunk.cut(sequences, atLeast, maxTokens);
    assertEquals(sequences, chunks.stream().flatMap(chunk -> chunk.sequences().stream()).toList());
    assertTrue(chunks.size() >= Math.min(atLeast, sequences.size()), "found " + chunks.size());
    int longest = lengths.stream().max(Integer::compare).orElseThrow();
    for (Chunk chunk : chunks) {
      assertFalse(chunk.sequences().isEmpty());
      assertEquals(sequences.indexOf(chunk.sequences().getFirst()), chunk.first());
      int tokens = chunk.sequences().stream().mapToInt(sequence -> sequence.length).sum();
      assertTrue(tokens <= maxTokens + longest, "chunk of " + tokens);
    }
  }

  @Property
  void equalSequencesAreSharedOutEvenly(
      @ForAll @IntRange(min = 1, max = 50) int sequences,
      @ForAll @IntRange(min = 1, max = 50) int atLeast) {
    List<int[]> all = java.util.stream.Stream.generate(() -> new int[7]).limit(sequences).toList();
    List<Integer> sizes =
        Chunk.cut(all, atLeast, 1_000_000).stream().map(chunk -> chunk.sequences().size()).toList();
    int smallest = sizes.stream().min(Integer::compare).orElseThrow();
    int largest = sizes.stream().max(Integer::compare).orElseThrow();
    assertTrue(largest - smallest <= 1, "sizes " + sizes);
  }
}
