package io.tritmill.kernels.model;

/**
 * Sees what enters the linear modules of a block while it runs.
 *
 * <p>Tokens arrive in order, a few sequences at a time, at every site once; how many at a time
 * depends on the lengths of the sequences alone.
 */
@FunctionalInterface
public interface Taps {
  /** Sees nothing. */
  Taps NONE = (site, tokens, columns, inputs) -> {};

  /**
   * Called before the modules of a site run.
   *
   * @param site which modules
   * @param tokens rows
   * @param columns input features
   * @param inputs (tokens, columns), perhaps with room after it; valid during the call, not to be
   *     changed
   */
  void see(TapSite site, int tokens, int columns, float[] inputs);
}
