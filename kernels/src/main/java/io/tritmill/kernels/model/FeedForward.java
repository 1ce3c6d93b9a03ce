package io.tritmill.kernels.model;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A feed-forward: down(norm(act(gate(x)) * up(x))) (arXiv:2002.05202), or down(norm(act(up(x))))
 * without a gate.
 *
 * @param activation what gates go through
 * @param limit where the inputs of {@link Activation#CLAMPED_SILU} end; 0 for any other
 * @param parameters numbers that the activation has of its own, in its order; mostly none
 * @param gate (width, hidden); null where there is none
 * @param up (width, hidden)
 * @param norm of the products, which down reads; null where there is none
 * @param down (hidden, width)
 */
public record FeedForward(
    Activation activation,
    float limit,
    List<TensorSpec> parameters,
    Module gate,
    Module up,
    Norm norm,
    Module down)
    implements Operator {
  private static final long serialVersionUID = 1L;

  public FeedForward {
    parameters = List.copyOf(parameters);
  }

  /** Columns of down. */
  public int width() {
    return down.columns();
  }

  /** What reads its inputs: gate and up, or up alone. */
  public List<Module> inputs() {
    return gate == null ? List.of(up) : List.of(gate, up);
  }

  @Override
  public List<Module> modules() {
    return gate == null ? List.of(up, down) : List.of(gate, up, down);
  }

  @Override
  public List<TensorSpec> others() {
    return Stream.concat(parameters.stream(), norms().stream().map(Norm::weight)).toList();
  }

  @Override
  public List<Norm> norms() {
    return norm == null ? List.of() : List.of(norm);
  }

  @Override
  public Optional<Module> last() {
    return Optional.of(down);
  }
}
