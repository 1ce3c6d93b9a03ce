package io.tritmill.kernels.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A mixture of experts (arXiv:1701.06538): each token meets some feed-forwards of many, and their
 * results are added, each by its weight.
 *
 * @param router chooses
 * @param norm of what experts read, and the router does not; null for none
 * @param experts as many as the router knows, all of one width
 */
public record Experts(Router router, Norm norm, List<FeedForward> experts) implements Operator {
  private static final long serialVersionUID = 1L;

  public Experts {
    experts = List.copyOf(experts);
    if (experts.size() != router.experts()) {
      throw new IllegalArgumentException(
          "a router knows %d experts, expected %d".formatted(router.experts(), experts.size()));
    }
  }

  /** What reads the tokens of all experts, then what reads inside them. */
  @Override
  public List<Module> modules() {
    List<Module> modules = new ArrayList<>();
    experts.forEach(expert -> modules.addAll(expert.inputs()));
    experts.forEach(expert -> modules.add(expert.down()));
    return modules;
  }

  @Override
  public List<TensorSpec> others() {
    List<TensorSpec> others = new ArrayList<>(router.tensors());
    if (norm != null) {
      others.add(norm.weight());
    }
    return others;
  }

  @Override
  public List<TensorSpec> readers() {
    return List.of(router.weight());
  }

  @Override
  public List<Norm> norms() {
    return Stream.of(router.norm(), norm).filter(Objects::nonNull).toList();
  }

  @Override
  public Optional<Module> last() {
    return Optional.empty();
  }
}
