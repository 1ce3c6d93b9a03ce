package io.tritmill.jobs.fuzz;

import java.util.List;

/**
 * One way into the program for bytes of strangers.
 *
 * @param name what is read
 * @param seeds sound content
 * @param read reads spoiled content as a command does
 */
record FuzzedReader(String name, List<byte[]> seeds, Reading read) {
  /** Reads content to the end. */
  interface Reading {
    void of(byte[] content) throws Exception;
  }

  @Override
  public String toString() {
    return name;
  }
}
