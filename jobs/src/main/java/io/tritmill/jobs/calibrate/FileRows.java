package io.tritmill.jobs.calibrate;

import java.io.Serializable;

/**
 * Rows of a file of numbers.
 *
 * @param first the first of them
 * @param count how many
 * @param inFile rows of the file
 * @param checksum of these rows alone; null where they are all of the file
 */
record FileRows(int first, int count, int inFile, Long checksum) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** All rows of a file. */
  static FileRows all(int count) {
    return new FileRows(0, count, count, null);
  }

  boolean all() {
    return checksum == null;
  }
}
