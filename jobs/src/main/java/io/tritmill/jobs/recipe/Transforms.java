package io.tritmill.jobs.recipe;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rotations;
import java.io.Serializable;
import java.util.List;

/**
 * Changes of a whole model that preserve its function, as a recipe and a packed file name them.
 *
 * @param names in order; so far {@value #HADAMARD} or nothing
 * @param seed of everything random in them
 */
public record Transforms(List<String> names, long seed) implements Serializable {
  /** Rotates the residual stream, the heads' values and the input of down. */
  public static final String HADAMARD = "hadamard";

  /** The names that there are. */
  public static final List<String> KNOWN = List.of(HADAMARD);

  /** No change. */
  public static final Transforms NONE = new Transforms(List.of(), 0);

  /**
   * Checks the names.
   *
   * @throws IllegalArgumentException if one is unknown or stands twice
   */
  public Transforms {
    names = List.copyOf(names);
    for (String name : names) {
      if (!KNOWN.contains(name)) {
        throw new IllegalArgumentException(
            "transforms has '%s'; there is %s".formatted(name, String.join(", ", KNOWN)));
      }
    }
    if (names.size() > 1) {
      throw new IllegalArgumentException("transforms has %s twice".formatted(HADAMARD));
    }
  }

  /** Whether nothing is changed. */
  public boolean none() {
    return names.isEmpty();
  }

  /** The rotations that they make of a model. */
  public Rotations rotations(Architecture model) {
    return none() ? Rotations.NONE : Rotations.hadamard(model, seed);
  }
}
