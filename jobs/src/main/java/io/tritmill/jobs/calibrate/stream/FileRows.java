package io.tritmill.jobs.calibrate.stream;

import java.io.Serializable;

/**
 * Rows of a file of numbers.
 *
 * @param first the first of them
 * @param count how many
 * @param inFile rows of the file
 * @param checksum of these rows alone; null where they are all of the file
 */
public record FileRows(int first, int count, int inFile, Long checksum) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** All rows of a file. */
  public static FileRows all(int count) {
    return new FileRows(0, count, count, null);
  }

  /** Whether these are all rows of the file. */
  public boolean all() {
    return checksum == null;
  }
}
