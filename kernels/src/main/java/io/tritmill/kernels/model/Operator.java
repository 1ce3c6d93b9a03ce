package io.tritmill.kernels.model;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** What a sublayer computes between its norm and the residual stream. */
public sealed interface Operator extends Serializable permits Attention, FeedForward {
  /** Its linear modules, in the order of the forward pass. */
  List<Module> modules();

  /** Tensors that it has beside those of modules. */
  List<TensorSpec> others();

  /** The module that ends it: what enters it is all that is left of what came before. */
  Module last();

  /** All its tensors: each module's weight and bias, then the others. */
  default List<TensorSpec> tensors() {
    List<TensorSpec> tensors = new ArrayList<>();
    for (Module module : modules()) {
      if (module.firstRow() == 0) {
        tensors.add(module.weight());
        if (module.bias() != null) {
          tensors.add(module.bias());
        }
      }
    }
    tensors.addAll(others());
    return tensors;
  }
}
