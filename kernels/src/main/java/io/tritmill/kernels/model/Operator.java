package io.tritmill.kernels.model;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a sublayer computes between its norm and the residual stream. */
public sealed interface Operator extends Serializable
    permits Attention, DeltaNet, Experts, FeedForward, LatentAttention, Parallel {
  /** Its linear modules, in the order of the forward pass. */
  List<Module> modules();

  /** Tensors that it has beside those of modules. */
  List<TensorSpec> others();

  /** Matrices among {@link #others} that read what enters the operator, such as a router's. */
  default List<TensorSpec> readers() {
    return List.of();
  }

  /** Its norms. */
  default List<Norm> norms() {
    return List.of();
  }

  /**
   * The module that ends it: what enters it is all that is left of what came before. Empty where no
   * single module does.
   */
  Optional<Module> last();

  /** Whether its tokens look at one another, each as much as a soft-max of scores says. */
  default boolean attends() {
    return false;
  }

  /** Multiply-adds that a token costs in its linear modules, on average. */
  default double products() {
    return modules().stream()
        .mapToDouble(one -> one.site().share() * one.rows() * one.columns())
        .sum();
  }

  /** All its tensors, each once: modules' weights and biases, then the others. */
  default List<TensorSpec> tensors() {
    List<TensorSpec> tensors = new ArrayList<>();
    Set<String> known = new TreeSet<>();
    for (Module module : modules()) {
      if (known.add(module.weight().name())) {
        tensors.add(module.weight());
        if (module.bias() != null && known.add(module.bias().name())) {
          tensors.add(module.bias());
        }
      }
    }
    tensors.addAll(others());
    return tensors;
  }
}
