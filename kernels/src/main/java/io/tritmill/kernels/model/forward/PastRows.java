package io.tritmill.kernels.model.forward;

import java.util.Arrays;

/**
 * What the positions of a sequence left behind for those after them: a row each, of all positions
 * or of the last ones.
 *
 * <p>Where the last ones are enough, the others make room when there is none: memory is bounded by
 * what is seen and what is added at once, and a row is moved about once.
 */
final class PastRows {
  private final int width;
  private final int seen;
  private float[] rows = {};
  private int first; // position of the first row that is held
  private int end; // positions so far

  /**
   * Of a sequence that has not begun.
   *
   * @param width of a row
   * @param seen positions that the next one can see; 0 for all
   */
  PastRows(int width, int seen) {
    this.width = width;
    this.seen = seen;
  }

  /** Positions so far. */
  int positions() {
    return end;
  }

  /** The array that rows are in. */
  float[] values() {
    return rows;
  }

  /** Where the row of a position begins, or would. */
  int at(int position) {
    return (position - first) * width;
  }

  /** The rows as vectors of heads side by side. */
  HeadRows heads(int heads) {
    return HeadRows.packed(rows, at(0), heads, width / heads);
  }

  /**
   * Adds the rows of the next positions.
   *
   * @param count rows
   * @param from they lie side by side in
   * @param at begin of the first
   */
  void add(int count, float[] from, int at) {
    reserve(count);
    System.arraycopy(from, at, rows, at(end), count * width);
    end += count;
  }

  private void reserve(int count) {
    if (Math.multiplyExact(end - first + count, width) <= rows.length) {
      return;
    }
    int kept = seen == 0 ? end - first : Math.min(end - first, seen);
    int room = Math.max(Math.addExact(kept, count), Math.multiplyExact(2, kept));
    int begin = at(end - kept);
    int values = Math.multiplyExact(room, width);
    if (values <= rows.length) {
      System.arraycopy(rows, begin, rows, 0, kept * width);
    } else {
      rows = Arrays.copyOf(Arrays.copyOfRange(rows, begin, begin + kept * width), values);
    }
    first = end - kept;
  }
}
