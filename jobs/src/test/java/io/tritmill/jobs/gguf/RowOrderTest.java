package io.tritmill.jobs.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.tensor.Gathered.Run;
import io.tritmill.jobs.tensor.Gathered.Section;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Orders of rows as data. */
class RowOrderTest {
  /**
   * Of two tensors of four rows: twice two rows of the first and one of the second, then others.
   */
  private static final List<Section> SECTIONS =
      List.of(
          new Section(2, List.of(new Run(0, 0, 1, 2), new Run(1, 2, 1, 1))),
          new Section(1, List.of(new Run(0, 1, 1, 1), new Run(0, 3, 1, 1), new Run(1, 0, 2, 2))));

  private static long[] rows(RowOrder order, int count) {
    return LongStream.range(0, count).map(order::row).toArray();
  }

  @Test
  void nothingMovesWhereRowsAreAsTheyAre() {
    assertTrue(RowOrder.AS_IS.isIdentity());
    assertEquals(100_000, RowOrder.AS_IS.row(100_000));
    assertEquals(0, RowOrder.AS_IS.source(7));
  }

  /** What was gathered is found again, row by row. */
  @Test
  void theWayBackLeadsToWhereRowsWereGathered() {
    // Gathered: a0 b2 a2 b3 a1 a3 b0 b1.
    assertArrayEquals(new long[] {0, 4, 2, 5}, rows(RowOrder.back(SECTIONS, 0), 4));
    assertArrayEquals(new long[] {6, 7, 1, 3}, rows(RowOrder.back(SECTIONS, 1), 4));
    assertFalse(RowOrder.back(SECTIONS, 0).isIdentity());
    assertEquals(2, RowOrder.back(SECTIONS, 1).run(0));
    assertEquals(1, RowOrder.back(SECTIONS, 1).run(1));
  }

  @Test
  void stackedRowsAreThoseOfOneSourceAfterTheOther() {
    RowOrder order = RowOrder.stacked(3, 2);
    assertArrayEquals(new long[] {0, 1, 0, 1, 0, 1}, rows(order, 6));
    assertArrayEquals(
        new long[] {0, 0, 1, 1, 2, 2}, LongStream.range(0, 6).map(order::source).toArray());
    assertThrows(IndexOutOfBoundsException.class, () -> order.row(6));
  }

  @Test
  void valuesMoveAsRowsDo() {
    RowOrder order = RowOrder.back(SECTIONS, 0);
    float[] values = {10, 11, 12, 13, 14, 15, 16, 17};
    assertArrayEquals(new float[] {10, 14, 12, 15}, order.picked(values, 4));
    assertEquals(4, order.rows());
  }

  /** In each of two rows the two units of two elements change places. */
  @Test
  void unitsOfARowMoveInEachRow() {
    RowOrder swapped =
        RowOrder.back(
            List.of(new Section(1, List.of(new Run(0, 1, 1, 1), new Run(0, 0, 1, 1)))), 0);
    float[] values = {10, 11, 12, 13, 14, 15, 16, 17};
    assertArrayEquals(
        new float[] {12, 13, 10, 11, 16, 17, 14, 15},
        new StoredTensor.Columns(swapped, 2).apply(List.of(values)));
  }
}
