package io.tritmill.jobs.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A run of neighbouring sequences: what one task evaluates.
 *
 * @param first index of its first sequence in the set
 * @param sequences token ids
 */
record Chunk(int first, ArrayList<int[]> sequences) implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * Cuts sequences, in their order, into chunks of about equally many tokens: at least so many
   * chunks, or one for each sequence where there are fewer.
   *
   * @param atLeast chunks wanted, at least 1
   * @param maxTokens tokens that a chunk may have, but for one sequence that crosses the end
   */
  static List<Chunk> cut(List<int[]> sequences, int atLeast, long maxTokens) {
    long total = sequences.stream().mapToLong(sequence -> sequence.length).sum();
    long wanted = Math.max(atLeast, Math.ceilDiv(total, Math.max(1, maxTokens)));
    int count = (int) Math.min(sequences.size(), wanted);
    List<Chunk> chunks = new ArrayList<>();
    Chunk chunk = new Chunk(0, new ArrayList<>());
    long tokens = 0;
    for (int s = 0; s < sequences.size(); s++) {
      chunk.sequences.add(sequences.get(s));
      tokens += sequences.get(s).length;
      int sequencesLeft = sequences.size() - s - 1;
      int chunksLeft = count - chunks.size() - 1;
      boolean full = tokens * count >= total * (chunks.size() + 1);
      // The last sequences go to a chunk each where every chunk must get one.
      if (full && sequencesLeft >= chunksLeft || sequencesLeft == chunksLeft) {
        chunks.add(chunk);
        chunk = new Chunk(s + 1, new ArrayList<>());
      }
    }
    return chunks;
  }
}
