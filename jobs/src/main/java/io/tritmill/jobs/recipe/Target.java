package io.tritmill.jobs.recipe;

import java.util.Set;

/**
 * A tensor as rules see it.
 *
 * @param name its name in the checkpoint
 * @param columns inputs of a row of it
 * @param kinds what it is; none for what is no matrix to compress, two for a tied table
 */
public record Target(String name, long columns, Set<Kind> kinds) {
  public Target {
    kinds = Set.copyOf(kinds);
  }

  /** Whether it is a weight of a linear module inside a block. */
  public boolean inBlocks() {
    return Kind.inBlocks(kinds);
  }
}
