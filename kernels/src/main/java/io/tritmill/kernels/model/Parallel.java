package io.tritmill.kernels.model;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Operators that read the same and whose results are added: attention beside a feed-forward
 * (arXiv:2204.02311), experts beside one that all tokens pass (arXiv:2401.06066).
 *
 * @param branches in the order in which they are added, two at least
 */
public record Parallel(List<Branch> branches) implements Operator {
  private static final long serialVersionUID = 1L;

  /**
   * One of them: after(operator(before(x))) * sigmoid(gate x).
   *
   * @param before null where it reads what all read
   * @param operator what is computed
   * @param after null where its result is added as it is
   * @param gate (1, hidden), read from what all read; null for none
   */
  public record Branch(Norm before, Operator operator, Norm after, TensorSpec gate)
      implements Serializable {
    private static final long serialVersionUID = 1L;

    /** A branch whose result is added as it is. */
    public static Branch of(Operator operator) {
      return new Branch(null, operator, null, null);
    }

    Stream<Norm> norms() {
      return Stream.concat(Stream.of(before, after), operator.norms().stream())
          .filter(Objects::nonNull);
    }
  }

  public Parallel {
    branches = List.copyOf(branches);
  }

  @Override
  public List<Module> modules() {
    return branches.stream().flatMap(branch -> branch.operator().modules().stream()).toList();
  }

  @Override
  public List<TensorSpec> others() {
    List<TensorSpec> others = new ArrayList<>();
    for (Branch branch : branches) {
      Stream.of(branch.before(), branch.after())
          .filter(Objects::nonNull)
          .map(Norm::weight)
          .forEach(others::add);
      others.addAll(branch.operator().others());
      if (branch.gate() != null) {
        others.add(branch.gate());
      }
    }
    return others;
  }

  @Override
  public List<TensorSpec> readers() {
    List<TensorSpec> readers = new ArrayList<>();
    for (Branch branch : branches) {
      readers.addAll(branch.operator().readers());
      if (branch.gate() != null) {
        readers.add(branch.gate());
      }
    }
    return readers;
  }

  @Override
  public List<Norm> norms() {
    return branches.stream().flatMap(Branch::norms).toList();
  }

  @Override
  public boolean attends() {
    return branches.stream().anyMatch(branch -> branch.operator().attends());
  }

  @Override
  public Optional<Module> last() {
    return Optional.empty();
  }
}
