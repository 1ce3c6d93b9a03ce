package io.tritmill.jobs.checkpoint;

import io.tritmill.jobs.tensor.Dress;
import io.tritmill.jobs.tensor.Stack;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.code.Levels;
import io.tritmill.kernels.tensor.DType;
import java.io.Serializable;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The tensors of a checkpoint by name, and the matrices of those that are stacked.
 *
 * <p>A stacked matrix is stored with its inputs first where the metadata say so, or where the sizes
 * do: of a pair that goes into a hidden layer and out of it again, the first has twice as many
 * outputs as the second has inputs, and as many inputs as that has outputs.
 */
final class NamedTensors implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What a packed matrix has in place of its name. */
  private record Pair(String in, String out) {}

  private static final List<Pair> PAIRS =
      List.of(
          new Pair("gate_up_proj", "down_proj"),
          new Pair("gate_up_proj.weight", "down_proj.weight"),
          new Pair("input_linear.weight", "output_linear.weight"));

  private final LinkedHashMap<String, TensorInfo> byName;
  private final HashSet<String> inputsFirst;
  private transient Set<String> bases; // stacked tensors of which only matrices are there

  /**
   * @param inputsFirst names of stacked tensors of which it is known
   */
  NamedTensors(LinkedHashMap<String, TensorInfo> byName, Set<String> inputsFirst) {
    this.byName = byName;
    this.inputsFirst = new HashSet<>(inputsFirst);
  }

  /** None at all. */
  static NamedTensors none() {
    return new NamedTensors(new LinkedHashMap<>(), Set.of());
  }

  /** As they are stored, in order. */
  Map<String, TensorInfo> stored() {
    return byName;
  }

  /** The tensor of this name, or the matrix of a stacked one. */
  Optional<TensorInfo> get(String name) {
    TensorInfo stored = byName.get(name);
    if (stored != null) {
      return Optional.of(stored);
    }
    return stack(Stack.nameOf(name))
        .filter(stack -> Stack.index(name) < stack.matrices())
        .map(stack -> stack.matrix(Stack.index(name)));
  }

  /** The matrices of the stacked tensor of this name; empty where there is none. */
  Optional<Stack> stack(String name) {
    return Optional.ofNullable(byName.get(name))
        .filter(Stack::is)
        .map(tensor -> new Stack(tensor, inputsFirst(tensor)));
  }

  /**
   * Whether there is a tensor or a matrix of this name, as it is or packed, or a stacked tensor of
   * which there are matrices.
   */
  boolean has(String name) {
    if (byName.containsKey(name)) {
      return true;
    }
    if (bases == null) {
      bases = new HashSet<>();
      for (String stored : byName.keySet()) {
        String packed = packed(stored);
        bases.add(packed);
        bases.add(Stack.nameOf(packed.isEmpty() ? stored : packed));
      }
      bases.remove("");
    }
    return bases.contains(name) || get(name).isPresent();
  }

  /** The name of the packed matrix that has a tensor for its codes; empty for other tensors. */
  private static String packed(String stored) {
    for (String suffix : Levels.SUFFIXES) {
      if (stored.endsWith(suffix)) {
        return stored.substring(0, stored.length() - suffix.length());
      }
    }
    return "";
  }

  private boolean inputsFirst(TensorInfo tensor) {
    boolean turnable = tensor.dress().equals(Dress.plain()) && DType.of(tensor.dtype()).isPresent();
    if (!turnable || inputsFirst.contains(tensor.name())) {
      return turnable;
    }
    for (Pair pair : PAIRS) {
      TensorInfo in = beside(tensor, pair, pair.in());
      TensorInfo out = beside(tensor, pair, pair.out());
      if (in != null && out != null && Stack.is(in) && Stack.is(out)) {
        return in.shape().get(1).equals(out.shape().get(2))
            && in.shape().get(2) == 2 * out.shape().get(1);
      }
    }
    return false;
  }

  /** The tensor of a pair that ends so, where the given one is of the pair. */
  private TensorInfo beside(TensorInfo tensor, Pair pair, String ending) {
    for (String own : List.of(pair.in(), pair.out())) {
      if (tensor.name().endsWith("." + own)) {
        int begin = tensor.name().length() - own.length();
        return byName.get(tensor.name().substring(0, begin) + ending);
      }
    }
    return null;
  }
}
