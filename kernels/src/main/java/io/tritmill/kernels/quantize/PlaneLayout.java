package io.tritmill.kernels.quantize;

import java.io.Serializable;

/**
 * What a quantizer returns for a tensor, known from its parameters alone: how many planes, who
 * shares a scale, and whether the planes' scales are tied.
 *
 * <p>The scales of tied planes stand 3:1 or 9:3:1, so that the levels are the integers -4..4 or
 * -13..13 times one stored scale, that of the last plane.
 *
 * @param planes trit-planes, 1 to 3
 * @param group who shares a scale
 * @param tied whether one scale serves all planes of a group
 */
public record PlaneLayout(int planes, Group group, boolean tied) implements Serializable {
  public PlaneLayout {
    if (planes < 1 || planes > 3) {
      throw new IllegalArgumentException("planes is 1, 2 or 3, found " + planes);
    }
  }

  /** Scales stored for a group. */
  public int scalesPerGroup() {
    return tied ? 1 : planes;
  }

  /** Scales stored for a band of rows; a band of a tensor-wide group holds the tensor's own. */
  public int scales(int rows, int columns) {
    int scaleRows = group.kind() == Group.Kind.TENSOR ? 1 : rows;
    return Math.multiplyExact(scaleRows, group.perRow(columns) * scalesPerGroup());
  }

  /** The factor of plane {@code plane} over the stored scale: 3^(planes - 1 - plane) when tied. */
  public int factor(int plane) {
    int factor = 1;
    for (int p = plane; tied && p < planes - 1; p++) {
      factor *= 3;
    }
    return factor;
  }
}
