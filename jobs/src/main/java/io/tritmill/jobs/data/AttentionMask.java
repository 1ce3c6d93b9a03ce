package io.tritmill.jobs.data;

import java.util.Arrays;

/**
 * What a column {@code attention_mask} says of the {@code input_ids} beside it: which of them are
 * text. The others pad a row to the length of its neighbours, in front or behind, and are no part
 * of the document.
 */
final class AttentionMask {
  private static final String MASK = "attention_mask";

  private AttentionMask() {}

  /** The column that masks a column of token ids; its own name where there can be none. */
  static String of(String column) {
    return column.endsWith(Columns.IDS)
        ? column.substring(0, column.length() - Columns.IDS.length()) + MASK
        : column;
  }

  /**
   * The ids that are text.
   *
   * @param mask a number for each id, 1 for text and 0 for padding
   * @throws IllegalArgumentException if it is none, or has padding between text: the positions of
   *     what follows could not be told
   */
  static int[] apply(int[] ids, int[] mask) {
    if (mask.length != ids.length) {
      throw new IllegalArgumentException(
          "%s has %d entries for %d token ids".formatted(MASK, mask.length, ids.length));
    }
    int from = 0;
    while (from < mask.length && mask[from] == 0) {
      from++;
    }
    int to = from;
    while (to < mask.length && mask[to] == 1) {
      to++;
    }
    for (int i = to; i < mask.length; i++) {
      if (mask[i] != 0) {
        throw new IllegalArgumentException(
            mask[i] == 1
                ? "%s leaves out token ids between others, expected padding in front or behind"
                    .formatted(MASK)
                : "%s holds %d, expected 0 or 1".formatted(MASK, mask[i]));
      }
    }
    return from == 0 && to == ids.length ? ids : Arrays.copyOfRange(ids, from, to);
  }
}
