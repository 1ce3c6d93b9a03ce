package io.tritmill.kernels.model.forward;

/**
 * Vectors of the heads of one sequence inside a larger array, which may have those of the last
 * positions alone.
 *
 * @param values the array
 * @param at where the vector of the first head and position begins, or would
 * @param stride from a position to the next
 * @param step from a head to the next
 * @param heads how many there are
 * @param size elements of a vector
 */
record HeadRows(float[] values, int at, int stride, int step, int heads, int size) {
  /** Vectors side by side, (positions, heads, size) from {@code at} on. */
  static HeadRows packed(float[] values, int at, int heads, int size) {
    return new HeadRows(values, at, heads * size, size, heads, size);
  }

  /** Where the vector of a head begins at a position. */
  int at(int position, int head) {
    return at + position * stride + head * step;
  }
}
