package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.data.CalibrationSet;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Neighbouring sequences of a calibration set that go through the model together.
 *
 * @param index position among all chunks
 * @param sequences token ids
 * @param heldOut whether they only guard against overfitting
 */
public record CalibrationChunk(int index, ArrayList<int[]> sequences, boolean heldOut)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * Cuts a set.
   *
   * @param tokens of a chunk at most, unless a sequence is longer
   */
  public static List<CalibrationChunk> cut(CalibrationSet set, int tokens) {
    List<CalibrationChunk> chunks = new ArrayList<>();
    cut(set.fitted(), tokens, false, chunks);
    cut(set.heldOut(), tokens, true, chunks);
    return List.copyOf(chunks);
  }

  private static void cut(
      List<int[]> sequences, int tokens, boolean heldOut, List<CalibrationChunk> into) {
    CalibrationChunk chunk = null;
    for (int[] sequence : sequences) {
      if (chunk == null || chunk.tokens() + sequence.length > tokens) {
        chunk = new CalibrationChunk(into.size(), new ArrayList<>(), heldOut);
        into.add(chunk);
      }
      chunk.sequences.add(sequence);
    }
  }

  /** Tokens of all sequences. */
  public int tokens() {
    return sequences.stream().mapToInt(sequence -> sequence.length).sum();
  }

  /** Tokens of each sequence. */
  public int[] lengths() {
    return sequences.stream().mapToInt(sequence -> sequence.length).toArray();
  }

  /** All ids, sequence after sequence. */
  public int[] ids() {
    return sequences.stream().flatMapToInt(java.util.Arrays::stream).toArray();
  }
}
