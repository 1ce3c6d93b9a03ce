package io.tritmill.kernels.model;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One step of the residual stream: x = scale * (x + multiplier * after(operator(before(x)))).
 *
 * @param index position in the model; a block has mostly two, attention and feed-forward
 * @param block index of the block that it belongs to
 * @param before null where the operator reads the stream as it is
 * @param operator what is computed
 * @param after null where its result is added as it is
 * @param multiplier of what is added, mostly 1
 * @param scale (1), of the stream behind it; null for none
 */
public record Sublayer(
    int index,
    int block,
    Norm before,
    Operator operator,
    Norm after,
    float multiplier,
    TensorSpec scale)
    implements Serializable {

  /** Its tensors, in the order of the forward pass. */
  public List<TensorSpec> tensors() {
    List<TensorSpec> tensors = new ArrayList<>();
    if (before != null) {
      tensors.add(before.weight());
    }
    tensors.addAll(operator.tensors());
    if (after != null) {
      tensors.add(after.weight());
    }
    if (scale != null) {
      tensors.add(scale);
    }
    return tensors;
  }

  /** Its norms. */
  public List<Norm> norms() {
    return Stream.concat(Stream.of(before, after), operator.norms().stream())
        .filter(Objects::nonNull)
        .toList();
  }

  /** Its sites, in the order of the forward pass. */
  public List<Site> sites() {
    return operator.modules().stream().map(Module::site).distinct().toList();
  }
}
