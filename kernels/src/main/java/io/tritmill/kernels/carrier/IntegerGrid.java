package io.tritmill.kernels.carrier;

import io.tritmill.kernels.code.BlockLevels;
import io.tritmill.kernels.code.IntegerLevels;
import io.tritmill.kernels.code.Levels;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.TiedLevels;
import java.util.Optional;

/**
 * Levels that are integers times the scale of a group, whatever their codes are.
 *
 * @param low the smallest integer, -255 to 0
 * @param high the largest, 0 to 255
 * @param steps from the smallest to the largest integer of a group, which need not reach both
 * @param groupColumns columns that share a scale; the last group of a row may have fewer
 */
public record IntegerGrid(int low, int high, int steps, int groupColumns) {
  /** One whose groups all have the same integers. */
  static IntegerGrid of(int low, int high, int groupColumns) {
    return new IntegerGrid(low, high, high - low, groupColumns);
  }

  /** The grid of levels in rows of so many columns; empty where they are no such integers. */
  public static Optional<IntegerGrid> of(Levels levels, int columns) {
    int width = levels.group().width(columns);
    return switch (levels) {
      case BlockLevels blocks -> Optional.empty();
      case PlaneLayout planes when planes.shifted() || !planes.tied() && planes.planes() > 1 ->
          Optional.empty();
      case PlaneLayout planes -> {
        int top = new TiedLevels(planes.planes()).top();
        yield Optional.of(of(-top, top, width));
      }
      case IntegerLevels integers when integers.zeroPoints() ->
          Optional.of(new IntegerGrid(-integers.top(), integers.top(), integers.top(), width));
      case IntegerLevels integers ->
          Optional.of(of(-integers.zero(), integers.top() - integers.zero(), width));
    };
  }

  /**
   * Why a format cannot hold it without loss; empty where it can.
   *
   * @param least the smallest integer that it has
   * @param most the largest
   * @param columns of a row
   * @param block columns that always share a scale there
   */
  public Optional<String> refusal(int least, int most, int columns, int block) {
    if (low < least || high > most) {
      return Optional.of(
          "holds the integers %d to %d, found levels from %d to %d"
              .formatted(least, most, low, high));
    }
    return refusal(columns, block);
  }

  /**
   * Why a format whose integers begin where the group's do cannot hold it without loss.
   *
   * @param most steps that it has
   * @param columns of a row
   * @param block columns that always share a scale there
   */
  public Optional<String> refusal(int most, int columns, int block) {
    return steps > most
        ? Optional.of("holds %d steps, found levels of %d".formatted(most, steps))
        : refusal(columns, block);
  }

  private Optional<String> refusal(int columns, int block) {
    if (columns % block != 0) {
      return Optional.of("has blocks of %d, found rows of %d".formatted(block, columns));
    }
    if (groupColumns < columns && groupColumns % block != 0) {
      return Optional.of(
          "has one scale for %d weights, found groups of %d".formatted(block, groupColumns));
    }
    return Optional.empty();
  }
}
