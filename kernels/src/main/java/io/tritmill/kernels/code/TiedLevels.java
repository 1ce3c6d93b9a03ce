package io.tritmill.kernels.code;

/** The levels of tied planes: all integers up to 1, 4 or 13 times one scale. */
public final class TiedLevels {
  private final int planes;
  private final int top;

  public TiedLevels(int planes) {
    this.planes = planes;
    top = planes == 1 ? 1 : planes == 2 ? 4 : 13;
  }

  /** The largest integer. */
  public int top() {
    return top;
  }

  /** Appends the levels of a scale, with thresholds halfway between them; none are above a 0. */
  public void append(float scale, Grid grid) {
    for (int level = 1; level <= top; level++) {
      double threshold = scale > 0 ? (level - 0.5) * scale : Double.POSITIVE_INFINITY;
      int last = trit(level);
      int second = trit((level - last) / 3);
      switch (planes) {
        case 1 -> grid.level(threshold, last);
        case 2 -> grid.level(threshold, second, last);
        default -> grid.level(threshold, trit(((level - last) / 3 - second) / 3), second, last);
      }
    }
  }

  /** The last digit of a number in balanced ternary. */
  private static int trit(int number) {
    return Math.floorMod(number + 1, 3) - 1;
  }
}
