package io.tritmill.kernels.model;

import java.io.Serializable;

/**
 * A place where linear modules take their input; modules that read the same share a site.
 *
 * <p>Tokens come to all sites of a stage at the same time: those of experts stand side by side.
 *
 * @param index position among all sites, in the order of the forward pass
 * @param stage position among all stages
 * @param sublayer index of the sublayer that it is in; their number for the head's
 * @param block index of the block that the sublayer belongs to; their number for the head's
 * @param name what messages call it, such as {@code attention}; unique in its block
 * @param width inputs of its modules
 * @param expert whose tokens come here; -1 where all tokens do
 * @param share of all tokens that comes here on average, 1 where all do
 * @param rounded whether inputs are rounded to 8 bits by token, each times the largest / 127
 *     (arXiv:2402.17764, section 2)
 */
public record Site(
    int index,
    int stage,
    int sublayer,
    int block,
    String name,
    int width,
    int expert,
    double share,
    boolean rounded)
    implements Serializable {
  /** A site where all tokens come. */
  public static Site ofAll(int index, int stage, int sublayer, int block, String name, int width) {
    return new Site(index, stage, sublayer, block, name, width, -1, 1, false);
  }

  /** The same with inputs that are rounded. */
  public Site withRoundedInputs() {
    return new Site(index, stage, sublayer, block, name, width, expert, share, true);
  }

  /** Whether tokens come here when they come to the other; never to none. */
  public boolean besides(Site other) {
    return other != null && other.stage == stage;
  }

  /** Whether only the tokens of one expert come here. */
  public boolean routed() {
    return expert >= 0;
  }
}
