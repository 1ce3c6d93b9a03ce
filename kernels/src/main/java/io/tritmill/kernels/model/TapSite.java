package io.tritmill.kernels.model;

/** A place in a block where linear modules take their input; modules that share it share a site. */
public enum TapSite {
  /** The normed residual stream that query, key and value read. */
  ATTENTION,
  /** The heads' results, side by side, that output reads. */
  OUTPUT,
  /** The normed residual stream that gate and up read. */
  FEED_FORWARD,
  /** SiLU(gate) * up, that down reads. */
  DOWN;

  /** The half of the block that the site is in: 0 for attention, 1 for the feed-forward. */
  public int half() {
    return this == ATTENTION || this == OUTPUT ? 0 : 1;
  }

  /**
   * Where the linear module of a role takes its input.
   *
   * @throws IllegalArgumentException if the role is no linear module's
   */
  public static TapSite of(Role role) {
    return switch (role) {
      case QUERY, KEY, VALUE -> ATTENTION;
      case OUTPUT -> OUTPUT;
      case GATE, UP -> FEED_FORWARD;
      case DOWN -> DOWN;
      case EMBEDDING, ATTENTION_NORM, FEED_FORWARD_NORM, FINAL_NORM, HEAD ->
          throw new IllegalArgumentException(role + " is not a linear module of a block");
    };
  }
}
