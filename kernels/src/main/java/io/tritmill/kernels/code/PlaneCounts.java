package io.tritmill.kernels.code;

import java.io.Serializable;
import java.util.Arrays;

/**
 * How many trit-planes each row of a matrix has: 1 to 3.
 *
 * <p>A plane is stored for the rows that have it and for no other, so this also tells where a row
 * stands among them.
 */
public final class PlaneCounts implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Most planes of a row. */
  public static final int MOST = 3;

  private final byte[] counts;
  private final int[][] before; // least number of planes less one, then rows + 1
  private final int most;

  /**
   * Takes a copy.
   *
   * @param counts of each row
   * @throws IllegalArgumentException if one is not 1 to 3
   */
  public PlaneCounts(byte[] counts) {
    this.counts = counts.clone();
    before = new int[MOST][counts.length + 1];
    int largest = 1;
    for (int row = 0; row < counts.length; row++) {
      if (counts[row] < 1 || counts[row] > MOST) {
        throw new IllegalArgumentException(
            "Row %d has %d planes, expected 1 to %d".formatted(row, counts[row], MOST));
      }
      largest = Math.max(largest, counts[row]);
      for (int least = 1; least <= MOST; least++) {
        before[least - 1][row + 1] = before[least - 1][row] + (counts[row] >= least ? 1 : 0);
      }
    }
    most = largest;
  }

  /** Number of rows. */
  public int rows() {
    return counts.length;
  }

  /** Planes of a row. */
  public int of(int row) {
    return counts[row];
  }

  /** Most planes that any row has; 1 of no rows. */
  public int most() {
    return most;
  }

  /** Whether all rows have as many. */
  public boolean uniform() {
    return before[most - 1][counts.length] == counts.length;
  }

  /** Rows before this one that have at least so many planes. */
  public int rowsBefore(int row, int least) {
    return before[least - 1][row];
  }

  /** Rows that have at least so many planes. */
  public int rowsWith(int least) {
    return before[least - 1][counts.length];
  }

  /** Planes of each row; the array is the caller's. */
  public byte[] toArray() {
    return counts.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PlaneCounts counted && Arrays.equals(counts, counted.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }

  /** As {@code 120 rows of 1, 40 of 2, 3 of 3 planes}. */
  @Override
  public String toString() {
    int three = rowsWith(3);
    int two = rowsWith(2) - three;
    return "%d rows of 1, %d of 2, %d of 3 planes"
        .formatted(counts.length - two - three, two, three);
  }
}
