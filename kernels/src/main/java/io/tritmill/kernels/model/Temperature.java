package io.tritmill.kernels.model;

import java.io.Serializable;

/**
 * Queries grow with their position, by steps, so that attention over long contexts stays sharp:
 * times 1 + slope ln(1 + floor(position / step)).
 *
 * @param slope at least 0
 * @param step positions, at least 1
 */
public record Temperature(double slope, int step) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What the query of a position is multiplied by. */
  public float factor(int position) {
    return (float) (1 + slope * Math.log(1 + position / step));
  }
}
