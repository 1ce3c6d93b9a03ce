package io.tritmill.kernels.model;

import java.util.List;

/**
 * A feed-forward: down(act(gate(x)) * up(x)) (arXiv:2002.05202), or down(act(up(x))) without a
 * gate.
 *
 * @param activation what gates go through
 * @param gate (width, hidden); null where there is none
 * @param up (width, hidden)
 * @param down (hidden, width)
 */
public record FeedForward(Activation activation, Module gate, Module up, Module down)
    implements Operator {
  private static final long serialVersionUID = 1L;

  /** Columns of down. */
  public int width() {
    return down.columns();
  }

  @Override
  public List<Module> modules() {
    return gate == null ? List.of(up, down) : List.of(gate, up, down);
  }

  @Override
  public List<TensorSpec> others() {
    return List.of();
  }

  @Override
  public Module last() {
    return down;
  }
}
