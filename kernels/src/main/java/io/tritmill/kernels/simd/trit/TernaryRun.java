package io.tritmill.kernels.simd.trit;

/**
 * Columns of one group whose trits lie together in a {@code TernaryMatrix}.
 *
 * @param column the first of them
 * @param columns how many; zero trits fill the last code
 * @param codes codes of a row
 * @param offset where its blocks begin: [block of rows][plane], each followed by the scales of its
 *     rows where the group ends
 * @param planeBytes bytes of a block of rows of one plane, without scales
 * @param blockBytes bytes of a block of rows of all planes, with scales
 * @param group the group they belong to
 * @param first whether the group begins here
 * @param last whether the group ends here
 */
public record TernaryRun(
    int column,
    int columns,
    int codes,
    int offset,
    int planeBytes,
    int blockBytes,
    int group,
    boolean first,
    boolean last) {

  /**
   * Cuts every group into as few runs as the kernel allows, of nearly one length.
   *
   * @param columns columns of the matrix
   * @param width columns of a group
   * @param blocks blocks of rows
   * @param planes trit-planes
   * @param scales scales of a group in a row
   * @throws ArithmeticException if the matrix does not fit in an array
   */
  public static TernaryRun[] plan(
      TernaryKernel kernel, int columns, int width, int blocks, int planes, int scales) {
    int perCode = kernel.tritsPerCode();
    int perGroup = Math.ceilDiv(Math.ceilDiv(width, perCode), kernel.longestRun());
    int longest = perCode * Math.ceilDiv(Math.ceilDiv(width, perCode), perGroup);
    int perWholeGroup = Math.ceilDiv(width, longest);
    int lastWidth = columns - (columns - 1) / width * width;
    int count = (columns - 1) / width * perWholeGroup + Math.ceilDiv(lastWidth, longest);
    TernaryRun[] runs = new TernaryRun[count];
    int column = 0;
    int offset = 0;
    for (int i = 0; i < count; i++) {
      int group = column / width;
      int groupEnd = Math.min(columns, (group + 1) * width);
      int taken = Math.min(longest, groupEnd - column);
      int codes = Math.ceilDiv(taken, perCode);
      int plane = kernel.blockBytes(codes);
      boolean first = column == group * width;
      boolean last = column + taken == groupEnd;
      int bytes = planes * plane + (last ? Float.BYTES * scales * kernel.rows() : 0);
      runs[i] = new TernaryRun(column, taken, codes, offset, plane, bytes, group, first, last);
      column += taken;
      offset = Math.addExact(offset, Math.multiplyExact(blocks, bytes));
    }
    return runs;
  }

  /** Where a block of rows begins. */
  public long block(int block) {
    return offset + (long) block * blockBytes;
  }

  /** Where all blocks end. */
  public int end(int blocks) {
    return Math.addExact(offset, Math.multiplyExact(blocks, blockBytes));
  }
}
