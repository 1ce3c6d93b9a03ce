package io.tritmill.kernels.quantize.fit;

import io.tritmill.kernels.code.Grid;

/**
 * Two planes with scales of their own.
 *
 * <p>The groups of a row take their turns together: one group's sweep over its weights does not
 * wait for another's scales, so the processor works on both.
 */
public final class TwoPlanes implements GroupFit {
  private final int rounds;
  private final PlanePair[] groups;
  private final int[] unfinished;

  public TwoPlanes(int rounds, int mostGroups) {
    this.rounds = rounds;
    groups = new PlanePair[mostGroups];
    for (int group = 0; group < mostGroups; group++) {
      groups[group] = new PlanePair();
    }
    unfinished = new int[mostGroups];
  }

  @Override
  public void fitRow(float[] w, int offset, int columns, int width, double[] scales) {
    int left = Math.ceilDiv(columns, width);
    for (int group = 0; group < left; group++) {
      groups[group].begin(w, offset + group * width, length(group, columns, width));
      unfinished[group] = group;
    }
    for (int round = 0; round < rounds && left > 0; round++) {
      int changed = 0;
      for (int i = 0; i < left; i++) {
        int group = unfinished[i];
        if (groups[group].turn(w, offset + group * width, length(group, columns, width))) {
          unfinished[changed++] = group;
        }
      }
      left = changed;
    }
    for (int group = 0; group * width < columns; group++) {
      scales[2 * group] = groups[group].larger();
      scales[2 * group + 1] = groups[group].smaller();
    }
  }

  private static int length(int group, int columns, int width) {
    return Math.min(width, columns - group * width);
  }

  @Override
  public void levels(float[] scales, Grid grid) {
    groups[0].levels(scales[0], scales[1], grid);
  }
}
